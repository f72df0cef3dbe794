#include "tests/examples/chess_support.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <system_error>

namespace cairn::testing {

arguments chess_command(const arguments& what, const std::filesystem::path& directory) {
  arguments command{"chess"};
  command.insert(command.end(), what.begin(), what.end());
  command.insert(command.end(), {"--data", directory.string(), "--json"});
  return command;
}

boost::json::object play(const arguments& what, const std::filesystem::path& directory,
                         int status) {
  const auto ended = run(chess_command(what, directory));
  EXPECT_EQ(ended.status, status) << ended.err << ended.out;
  boost::system::error_code wrong;
  const auto figures = boost::json::parse(ended.out, wrong);
  EXPECT_TRUE(!wrong && figures.is_object()) << ended.out;
  return figures.is_object() ? figures.as_object() : boost::json::object{};
}

std::string verified_state(const std::filesystem::path& directory) {
  const auto data = directory.string();
  for (const arguments& check : {arguments{"chess", "journal", "verify", "--data", data},
                                 arguments{"chess", "replay", "--verify", "--data", data}}) {
    const auto checked = run(check);
    EXPECT_EQ(checked.status, 0) << check[1] << ": " << checked.err << checked.out;
  }
  const auto state = run({"chess", "replay", "--json", "--data", data});
  EXPECT_EQ(state.status, 0) << state.err;
  return state.out;
}

boost::json::object play_with_kills(const arguments& what, const std::filesystem::path& directory,
                                    int kills, std::uint64_t closed_bytes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  // While a run writes its log it takes about three times what is left, compressed, when it has
  // closed. So most of the work is done by runs that are killed, and some is left for the last,
  // whatever the draws.
  std::uniform_int_distribution<std::uint64_t> growth(
      0, 2 * closed_bytes / static_cast<std::uint64_t>(kills));
  for (int i = 0; i < kills; ++i) {
    program playing(chess_command(what, directory));
    EXPECT_TRUE(playing.await_growth(directory, growth(random))) << playing.wait().err;
    playing.signal(SIGKILL);
    EXPECT_EQ(playing.wait().status, 128 + SIGKILL);
  }
  return play(what, directory);
}

std::uint64_t test_seed() {
  const char* given = std::getenv("CAIRN_TEST_SEED");
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  std::cout << "CAIRN_TEST_SEED=" << seed << "\n";
  return seed;
}

} // namespace cairn::testing
