#include <cairn/detail/tools/own_types.hpp>

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

/// `a, b and c`
std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += names[i];
  }
  return out;
}

} // namespace

entity_type retired_type(std::string_view name) {
  entity_type made;
  made.name = name;
  return made;
}

status check_own(const journal& opened, const std::vector<const entity_type*>& types) {
  std::vector<std::string> held;
  if (auto read = opened.types(held); !read.ok()) return read;
  std::vector<std::string> unknown;
  for (const auto& name : held) {
    if (std::none_of(types.begin(), types.end(),
                     [&](const auto* type) { return type->name == name; }))
      unknown.push_back(name);
  }
  std::vector<std::string> brought;
  for (const auto* type : types) {
    if (!type->is_retired() && std::find(held.begin(), held.end(), type->name) == held.end())
      brought.push_back(type->name);
  }
  if (unknown.empty() || brought.empty()) return {};
  return {entity_errc::unknown_type,
          "the journal is another program's: it holds changes of " + joined(unknown) +
              ", which this program does not know, and none of " + joined(brought) +
              ", which it would write. Types that a program once had it declares as retired"};
}

journal_source owned_by(journal_source source, std::vector<const entity_type*> types) {
  return [source = std::move(source), types = std::move(types)] {
    auto opened = source();
    if (const auto own = check_own(*opened, types); !own.ok()) {
      (void)opened->close();
      throw startup_error(own.error, own.message);
    }
    return opened;
  };
}

} // namespace cairn
