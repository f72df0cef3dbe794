#pragma once

/// Entities, transactions and bulk updates by name and JSON, for programs that do not know the types.
#include <cairn/detail/any_bulk.hpp>
#include <cairn/detail/any_entity.hpp>
#include <cairn/detail/any_transaction.hpp>
