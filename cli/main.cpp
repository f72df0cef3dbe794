#include <cairn/cli.hpp>

#include "cli/samples.hpp"

int main(int argc, char** argv) {
  return cairn::cli::run(argc, argv,
                         {&cairn::type_descriptor<cairn::cli::address>(),
                          &cairn::type_descriptor<cairn::cli::counter>()});
}
