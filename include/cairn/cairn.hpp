#pragma once

/// Everything that a program with entities needs. Beside it, when asked for: `cairn/any_entity.hpp`,
/// `cairn/any_transaction.hpp` and `cairn/any_bulk.hpp` (entities by name and JSON), `cairn/testing.hpp` (tests of
/// one's own entities), `cairn/cli.hpp` (the command line), `cairn/caf.hpp` (worlds on one's own CAF actor system).
#include <cairn/bulk.hpp>
#include <cairn/change.hpp>
#include <cairn/context.hpp>
#include <cairn/decision.hpp>
#include <cairn/effects.hpp>
#include <cairn/entity.hpp>
#include <cairn/error.hpp>
#include <cairn/expectation.hpp>
#include <cairn/future.hpp>
#include <cairn/journal.hpp>
#include <cairn/outcome.hpp>
#include <cairn/transaction.hpp>
#include <cairn/world.hpp>
