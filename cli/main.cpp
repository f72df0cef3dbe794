#include <cairn/bench.hpp>
#include <cairn/cli.hpp>
#include <cairn/gateway.hpp>

#include "cli/counted_new.hpp"
#include "cli/samples.hpp"

int main(int argc, char** argv) {
#ifdef CAIRN_COUNTED_NEW
  cairn::bench::count_allocations_with(&cairn::cli::counted_allocations);
#endif
  return cairn::cli::run(argc, argv,
                         {&cairn::type_descriptor<cairn::cli::address>(),
                          &cairn::type_descriptor<cairn::cli::counter>()},
                         {&cairn::cli::serve});
}
