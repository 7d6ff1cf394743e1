// What srun puts before the command of a step that needs an image, and the node takes away.
#include "spank_plugin/demand.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/spank_plugin/fake_spank.h"
#include "tests/unit/spank_plugin/helpers.h"

namespace sifguard {
namespace {

using fake::give;
using fake::slurm;
using fake::start;

/// Slurm's words, which outlive what the plugin does to its array of them.
class Demand : public test::Scratch {
 protected:
  void say(std::vector<std::string> words) {
    words_ = std::move(words);
    slurm().words.clear();
    for (std::string& word : words_) slurm().words.push_back(word.data());
    slurm().words.push_back(nullptr);
  }
  void begin_srun(std::vector<std::string> words) {
    start(S_CTX_LOCAL);
    say(std::move(words));
  }
  void ask() { give("sif-verify", "/apps/x.sif", false); }
  static int launch() { return slurm_spank_local_user_init(fake::handle(), 0, nullptr); }
  static void end() { slurm_spank_exit(fake::handle(), 0, nullptr); }
  static std::string command() { return slurm().words.at(0); }

  std::vector<std::string> words_;
};

TEST_F(Demand, IsBeforeTheCommandOfAStepWithAnImage) {
  begin_srun({"/usr/bin/cowsay", "hi"});
  ask();
  EXPECT_EQ(launch(), 0);
  EXPECT_EQ(command(), std::string(kDemand) + "/usr/bin/cowsay");
  EXPECT_STREQ(slurm().words.at(1), "hi");
  end();
}

TEST_F(Demand, IsAnAbsolutePathThatNobodyHas) {
  EXPECT_EQ(kDemand[0], '/');
  EXPECT_NE(::access(kDemand, F_OK), 0);
}

TEST_F(Demand, IsNotPutWithoutAnImage) {
  begin_srun({"cowsay"});
  give("sif-quiet", nullptr, false);
  EXPECT_EQ(launch(), 0);
  EXPECT_EQ(command(), "cowsay");
}

TEST_F(Demand, IsPutForTheImageOfTheSallocAroundIt) {
  ::setenv("_SLURM_SPANK_OPTION_sifguard_sif_verify", "/apps/x.sif", 1);
  begin_srun({"cowsay"});
  launch();
  ::unsetenv("_SLURM_SPANK_OPTION_sifguard_sif_verify");
  EXPECT_EQ(command(), std::string(kDemand) + "cowsay");
  end();
}

TEST_F(Demand, IsPutOnceWhenSrunLaunchesAgain) {
  begin_srun({"cowsay"});
  ask();
  launch();
  launch();
  EXPECT_EQ(command(), std::string(kDemand) + "cowsay");
  end();
}

TEST_F(Demand, IsGivenBackAtTheEndForEachComponent) {
  begin_srun({"first"});
  ask();
  launch();
  std::vector<std::string> second{"second"};
  auto before = std::exchange(slurm().words, {second[0].data(), nullptr});
  launch();
  EXPECT_EQ(command(), std::string(kDemand) + "second");
  end();
  EXPECT_EQ(slurm().words.at(0), second[0].data());
  EXPECT_EQ(before.at(0), words_[0].data());
}

TEST_F(Demand, LeavesAWordThatSlurmHasReplaced) {
  begin_srun({"cowsay"});
  ask();
  launch();
  std::string another = "another";
  slurm().words.at(0) = another.data();
  end();
  EXPECT_EQ(command(), "another");
}

TEST_F(Demand, IsNotPutWhereThereIsNoCommand) {
  begin_srun({});
  ask();
  EXPECT_EQ(launch(), 0);
  slurm().unavailable.insert(S_JOB_ARGV);
  EXPECT_EQ(launch(), 0);
  end();
}

TEST_F(Demand, LeavesAMultiProgConfiguration) {
  const std::string programs = "0 hostname\n1-2 echo other\n";
  std::ofstream(file("programs")) << programs;
  begin_srun({file("programs"), programs});
  ask();
  launch();
  EXPECT_EQ(command(), file("programs"));
  EXPECT_NE(slurm().infos.find("would run this on the host"), std::string::npos);
  slurm().infos.clear();
  give("sif-quiet", nullptr, false);
  launch();
  EXPECT_EQ(slurm().infos, "");
}

TEST_F(Demand, LeavesACommandThatIsBroadcast) {
  begin_srun({"./cowsay"});
  ask();
  ::setenv("SLURM_BCAST", "/tmp/cowsay", 1);
  launch();
  ::unsetenv("SLURM_BCAST");
  EXPECT_EQ(command(), "./cowsay");
  EXPECT_NE(slurm().infos.find("would run this on the host"), std::string::npos);
}

TEST_F(Demand, IsPutBeforeACommandWithSeveralLinesAsItsArgument) {
  begin_srun({"/bin/sh", "echo one\necho two"});
  ask();
  launch();
  EXPECT_EQ(command(), std::string(kDemand) + "/bin/sh");
  end();
}

/// A step on a node, after its slurm_spank_init_post_opt.
std::string on_node(const std::vector<char*>& words, bool asked) {
  start(S_CTX_REMOTE);
  slurm().words = words;
  if (asked) give("sif-verify", "/apps/x.sif");
  EXPECT_EQ(slurm_spank_init_post_opt(fake::handle(), 0, nullptr), 0);
  return slurm().words.at(0);
}

TEST_F(Demand, IsTakenAwayInPlaceByANodeThatGotTheOption) {
  std::string first = std::string(kDemand) + "/usr/bin/cowsay", second = kDemand;
  EXPECT_EQ(on_node({first.data(), second.data(), nullptr}, true), "/usr/bin/cowsay");
  EXPECT_EQ(slurm().words.at(0), first.data());
  EXPECT_EQ(second, kDemand);  // an argument is the user's
}

TEST_F(Demand, StaysWhereTheOptionWasLost) {
  std::string word = std::string(kDemand) + "cowsay";
  EXPECT_EQ(on_node({word.data(), nullptr}, false), word);
}

TEST_F(Demand, IsNotSeenInOtherCommands) {
  for (std::string word : {"", "/", "cowsay", "/--sif-verify did not reach"}) {
    EXPECT_EQ(on_node({word.data(), nullptr}, true), word);
  }
}

TEST_F(Demand, OfAStepWithoutWordsIsNone) {
  start(S_CTX_REMOTE);
  slurm().unavailable.insert(S_JOB_ARGV);
  take_demand(fake::handle());
  slurm().unavailable.clear();
  slurm().words = {nullptr};
  take_demand(fake::handle());
  EXPECT_EQ(slurm().words.at(0), nullptr);
}

}  // namespace
}  // namespace sifguard
