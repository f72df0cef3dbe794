#include "tests/support/user_code/user_code_table.hpp"

#include "tests/support/user_code/user_code_scene.hpp"

namespace cairn::testing {

const std::vector<user_code_row>& user_code_rows() {
  static const std::vector<user_code_row> rows = [] {
    auto all = entity_code_rows();
    for (auto make : {&copying_code_rows, &json_code_rows, &callback_code_rows, &other_code_rows}) {
      const auto more = make();
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }();
  return rows;
}

} // namespace cairn::testing
