#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/json.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Golden files: what a program's entity types are called and look like in JSON, kept beside its source, so that a rename
/// that old journals and clients would not understand is seen before it is released.
namespace cairn {

/// One way in which a program differs from its golden file.
struct golden_difference {
  std::string type;
  std::string what;   ///< `event "earned"`, `command "earn"`, `state`, `type`.
  std::string was;    ///< Its schema and shape; empty: it is new.
  std::string is;     ///< Empty: it is gone.
  std::string cure;   ///< `upcast`, `alias` or `accept`.
  std::string advice; ///< How.

  /// In one line.
  std::string text() const;
};

/// The golden file of `types`: JSON with a line for each command and event.
std::string golden_text(const std::vector<const entity_type*>& types);

/// What differs between the golden file `text` and `types`. False: `text` is none, as `wrong` says.
bool compare_golden(std::string_view text, const std::vector<const entity_type*>& types,
                    std::vector<golden_difference>& found, json::problem& wrong);

} // namespace cairn
