#pragma once

namespace cairn::json {

/// The form of a type that Cairn does not know, a uuid or an amount of money: a type that it knows stands for it.
/// A specialisation is visible wherever the type is used in a state, command, event or reply:
///
///   template <>
///   struct cairn::json::form<uuid> {
///     static constexpr std::string_view name = "uuid";
///     using json_type = std::string;
///     static std::string to_json(const uuid& value);
///     static std::optional<uuid> from_json(const std::string& text); // nothing: it is none
///   };
///
/// Shape:  `json_type` has a JSON form itself; of text, an integer or an enum it is good for keys of maps too.
///         `name` is in shapes and messages, and changes with what is written.
///         `std::size_t owned_bytes(const T&)` may say what a value owns beside itself.
/// After:  `from_json(to_json(value))` is `value`, and equal values have one JSON: `cairn::testing::round_trip` checks it.
/// Errors: what either throws fails the request, as anything that user code throws.
template <class T>
struct form {};

/// The name of a variant's alternative in JSON, where it is not to be the type's own:
///
///   template <>
///   struct cairn::json::alternative<shapes::circle> {
///     static constexpr std::string_view name = "round";
///   };
template <class T>
struct alternative {};

} // namespace cairn::json
