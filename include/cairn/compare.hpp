#pragma once

/// Comparing ways of protecting entities: the library behind `cairn compare`, and comparisons on one's own entities.
#include <cairn/detail/compare/compare.hpp>
#include <cairn/detail/compare/subject.hpp>
