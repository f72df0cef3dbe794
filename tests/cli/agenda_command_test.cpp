// `journal agenda` and `resend`: what is still to be done, seen and seen to.

#include <cairn/cairn.hpp>
#include <cairn/cli.hpp>

#include "tests/cli/journal_program.hpp"
#include "tests/support/journal_support.hpp"
#include "tests/support/living_entities.hpp"

#include <gtest/gtest.h>

/// A bell of a program that was rolled back: it does not know that one can be set.
struct old_bell {
  std::int64_t rings = 0;
  struct ring {};
  struct rang {};
  cairn::decision<rang> decide(const ring& /*command*/) const { return {rang{}}; }
  void apply(const rang& /*event*/) { ++rings; }
  using entity = cairn::entity<"bell", cairn::commands<ring>>;
};

namespace cairn {
namespace {

using testing::run_cairn;
using testing::temporary_directory;

class AgendaCommand : public ::testing::Test {
protected:
  AgendaCommand() {
    world_options options;
    options.journal = rocksdb(data());
    options.limits.message_hops_max = 1;
    options.clock = clock::stepped(time_point(std::chrono::hours(24)));
    world made(std::move(options));
    made.host<sample::bell>();
    made.host<sample::till>();
    EXPECT_TRUE(made.entity<sample::bell>("a").send(sample::bell::set{"tea", 1'000, 1}).get());
    EXPECT_TRUE(made.entity<sample::till>("x").send(sample::till::pass_on{"y", 2}).get());
    made.settle();
  }

  std::filesystem::path data() const { return directory_.path() / "data"; }

  /// As a user's own program runs it: its types are known.
  int run_own(std::vector<std::string> words, std::string& out,
              const entity_type& bells = type_descriptor<sample::bell>()) {
    words.insert(words.begin(), "own");
    std::vector<char*> arguments;
    for (auto& word : words) {
      arguments.push_back(word.data());
    }
    ::testing::internal::CaptureStdout();
    const int status = cli::run(static_cast<int>(arguments.size()), arguments.data(),
                                {&bells, &type_descriptor<sample::till>()});
    out = ::testing::internal::GetCapturedStdout();
    return status;
  }

  temporary_directory directory_;
};

TEST_F(AgendaCommand, ShowsTimersAndWhatCameBack) {
  const auto shown = run_cairn(directory_.path(), "journal agenda --data data");
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_NE(shown.out.find("1 timers:\n  1970-01-02T00:00:01.000000Z  bell/a  tea\n"),
            std::string::npos)
      << shown.out;
  EXPECT_NE(shown.out.find("0 messages under way\n"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("till/y -> till/x  pass_on {\"to\":\"y\",\"times\":0}"),
            std::string::npos)
      << shown.out;
  const auto json = run_cairn(directory_.path(), "journal agenda --data data --json");
  EXPECT_EQ(json.out.substr(0, json.out.find('\n')),
            R"({"counts":{"timers":1,"messages":0,"undelivered":1}})");
  const auto stat = run_cairn(directory_.path(), "journal verify --data data");
  EXPECT_EQ(stat.status, 0) << stat.err;
}

TEST_F(AgendaCommand, ResendsOneOfThem) {
  std::vector<undelivered_message> back;
  {
    const auto journal = rocksdb(data(), {.read_only = true})();
    ASSERT_TRUE(list_undelivered(*journal, {}, 10, back).ok());
    ASSERT_EQ(back.size(), 1U);
  }
  const auto position = std::to_string(back[0].position);
  std::string out;
  EXPECT_EQ(run_own({"resend", "--data", data().string(), position}, out), 0) << out;
  EXPECT_EQ(out, "sent again and delivered\n");
  EXPECT_EQ(run_own({"resend", "--data", data().string(), position}, out), 1);
  EXPECT_EQ(run_own({"resend", "--data", (directory_.path() / "none").string(), "0"}, out), 2);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "none")) << "nothing is made";
  const auto shown = run_cairn(directory_.path(), "journal agenda --data data --json");
  EXPECT_NE(shown.out.find("\"undelivered\":0"), std::string::npos) << shown.out;
}

TEST_F(AgendaCommand, ListsWhatIsStuck) {
  const auto plain = run_cairn(directory_.path(), "journal agenda --data data --stuck");
  EXPECT_EQ(plain.status, 0) << plain.err;
  EXPECT_EQ(plain.out, "nothing is stuck\n");
  std::string out;
  EXPECT_EQ(run_own({"journal", "agenda", "--data", data().string(), "--stuck"}, out), 0);
  EXPECT_EQ(out, "nothing is stuck\n");
  const auto& old = type_descriptor<old_bell>();
  EXPECT_EQ(run_own({"journal", "agenda", "--data", data().string(), "--stuck"}, out, old), 0);
  EXPECT_EQ(out.find("timer \"tea\" of bell/a at 1970-01-02T00:00:01.000000Z for bell/a\n    "), 0U)
      << out;
  EXPECT_NE(out.find("was_set"), std::string::npos) << out;
  EXPECT_EQ(
      run_own({"journal", "agenda", "--data", data().string(), "--stuck", "--json"}, out, old), 0);
  EXPECT_EQ(out.find(R"({"stuck":{"what":"timer \"tea\" of bell/a at )"), 0U) << out;
}

TEST_F(AgendaCommand, AProgramWithoutTheTypeSaysSo) {
  const auto ended = run_cairn(directory_.path(), "resend --data data 5");
  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.err.find("another program's: it holds changes of bell and till"),
            std::string::npos)
      << ended.err;
}

} // namespace
} // namespace cairn
