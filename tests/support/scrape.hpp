#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

/// What a Prometheus would see of a world.
namespace cairn::testing {

/// Values by name and labels, as the text has them: `cairn_reads_total{type="counter",outcome="read"}`.
class scraped {
public:
  explicit scraped(std::string_view text);

  /// Fails the test, and gives -1, when there is none of this name.
  double operator[](const std::string& name) const;

  bool has(const std::string& name) const { return values_.contains(name); }

  /// The sum of all values whose name and labels begin so.
  double sum(std::string_view prefix) const;

  /// Names of the families, from the lines that say their type.
  const std::set<std::string>& families() const noexcept { return families_; }

  const std::map<std::string, double>& values() const noexcept { return values_; }

private:
  std::map<std::string, double> values_;
  std::set<std::string> families_;
};

/// What `GET target` on this port of 127.0.0.1 answers, head and body; empty: nobody did.
std::string http_get(std::uint16_t port, const std::string& target);

/// What this request is answered with, as above.
std::string http_ask(std::uint16_t port, std::string_view request);

/// A client of this port that takes its time: it has sent so much of a request, and reads nothing. Hangs up at the end.
class slow_client {
public:
  slow_client(std::uint16_t port, std::string_view sent);
  ~slow_client();
  slow_client(slow_client&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  slow_client(const slow_client&) = delete;
  slow_client& operator=(const slow_client&) = delete;
  slow_client& operator=(slow_client&&) = delete;

private:
  int descriptor_;
};

/// The metrics that are answered on the port.
scraped scrape(std::uint16_t port);

} // namespace cairn::testing
