#pragma once

#include <cairn/compare.hpp>

#include "compare/plan/strategy.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cairn::compare {

/// An entity as its venue serves it.
struct served_entity {
  std::string key; ///< `type/id`
  version_type version = 0;
  std::string state_json;
};

/// Where the clients' requests go: a world's entities, or a store without them.
class venue {
public:
  virtual ~venue() = default;

  /// Thread: any; the listener must live until it was called.
  virtual void read(std::uint64_t entity, listener& to) = 0;
  virtual void send(std::uint64_t entity, const intent& wanted, const sending& how,
                    const observation& seen, listener& to) = 0;
  virtual void acquire(std::uint64_t entity, listener& to) = 0;
  virtual void release(std::uint64_t entity, std::string lease, listener& to) = 0;

  /// Has every entity in memory and existing when it returns, so that loading and creating are no part of what
  /// is measured.
  /// After:  the value is the number of commands that were accepted for that.
  /// Errors: `problem` is set.
  virtual std::uint64_t warm_up(std::string& problem) = 0;
  virtual std::uint64_t batches() const = 0;

  /// Every entity that exists; while no request is under way.
  /// Errors: `problem` is set.
  virtual std::vector<served_entity> served(std::string& problem) = 0;
  virtual const cairn::journal& journal() const = 0;
  virtual status close() = 0;
};

std::unique_ptr<venue> open_entity_venue(const subject& on, const workload& load,
                                         journal_source source);
std::unique_ptr<venue> open_store_venue(const subject& on, const workload& load,
                                        const journal_source& source);

/// Where one strategy is at home.
std::unique_ptr<venue> open_venue(place where, const subject& on, const workload& load,
                                  journal_source source);

} // namespace cairn::compare
