#pragma once

/// Entities, transactions and bulk updates by name and JSON, for programs that do not know the types.
#include <cairn/detail/by_name/any_bulk.hpp>
#include <cairn/detail/by_name/any_entity.hpp>
#include <cairn/detail/by_name/any_transaction.hpp>
