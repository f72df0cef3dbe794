#pragma once

/// Everything that a program with entities needs. Beside it, when asked for: `cairn/by_name.hpp`,
/// `cairn/by_name.hpp` and `cairn/by_name.hpp` (entities by name and JSON), `cairn/testing.hpp` (tests of
/// one's own entities), `cairn/cli.hpp` (the command line), `cairn/caf.hpp` (worlds on one's own CAF actor system).
#include <cairn/entity.hpp>
#include <cairn/error.hpp>
#include <cairn/journal.hpp>
#include <cairn/transaction.hpp>
#include <cairn/world.hpp>
