#pragma once

#include <cairn/detail/entity_type.hpp>
#include <cairn/detail/journal.hpp>
#include <cairn/entity.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Which types a program says are its own, so that it does not write into a journal that is another's.
namespace cairn {

/// Stands for an entity type that the program once had: old journals hold its changes, and the program passes over
/// them knowingly. `cairn::cli::run_command<wallet, cairn::retired<"account">>(argc, argv)`
template <fixed_string Name>
struct retired {
  static constexpr std::string_view name = Name.view();
};

/// The descriptor of a retired type: it has a name and nothing else.
entity_type retired_type(std::string_view name);

namespace detail {

template <class Type>
struct declared {
  static const entity_type& type() { return type_descriptor<Type>(); }
};
template <fixed_string Name>
struct declared<retired<Name>> {
  static const entity_type& type() {
    static const entity_type made = retired_type(Name.view());
    return made;
  }
};

} // namespace detail

/// The descriptors of `Types`, each a state that is an entity, or `retired<"name">`.
template <class... Types>
std::vector<const entity_type*> own_types() {
  return {&detail::declared<Types>::type()...};
}

/// Whether a program that has `types` may write to `opened`: it knows all types that the journal holds (`retired` ones
/// count), or brings none that the journal does not hold. An empty journal is anybody's.
/// Errors: `unknown_type`, naming both.
status check_own(const journal& opened, const std::vector<const entity_type*>& types);

/// Opens `source` if it passes `check_own`.
/// Errors: `startup_error` else; then the journal has been closed again.
journal_source owned_by(journal_source source, std::vector<const entity_type*> types);

template <class... Types>
journal_source owned_by(journal_source source) {
  return owned_by(std::move(source), own_types<Types...>());
}

} // namespace cairn
