#pragma once

/// The journal: its interface and stores, changes and their JSON, and what works on a whole journal, which is replay,
/// verification, export and import, resuming, and the refusals kept beside it.
#include <cairn/detail/change.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/detail/resume.hpp>
#include <cairn/detail/tools/refusals.hpp>
#include <cairn/detail/tools/replay.hpp>
#include <cairn/detail/tools/transfer.hpp>
#include <cairn/detail/tools/verify.hpp>
