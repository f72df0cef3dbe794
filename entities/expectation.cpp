#include <cairn/detail/expectation.hpp>
#include <cairn/json.hpp>

namespace cairn {

void write_expectation_json(std::string& out, const expectation& expected) {
  switch (expected.what()) {
    case expectation::kind::any:
      out += "\"any\"";
      break;
    case expectation::kind::at:
      json::write_unsigned(out, expected.version());
      break;
    case expectation::kind::absent:
      out += "\"absent\"";
      break;
    case expectation::kind::exists:
      out += "\"exists\"";
      break;
  }
}

} // namespace cairn
