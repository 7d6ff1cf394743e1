// Defaults of the options from SLURM_SIF_… variables: given to Slurm, waiting for an image.
#include "spank_plugin/option_defaults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "spank_plugin/options.h"
#include "tests/unit/spank_plugin/fake_spank.h"

namespace sifguard {
namespace {

using fake::give;
using fake::slurm;
using fake::start;
using testing::HasSubstr;

constexpr auto kUserContexts = {S_CTX_LOCAL, S_CTX_ALLOCATOR};
constexpr auto kNodeContexts = {S_CTX_REMOTE, S_CTX_SLURMD, S_CTX_JOB_SCRIPT};

int post_opt() {
  return slurm_spank_init_post_opt(fake::handle(), 0, nullptr);
}

/// The variable in which Slurm looks for defaults.
std::string slurms_name(const std::string& option) {
  return "SLURM_SPANK__SLURM_SPANK_OPTION_sifguard_sif_" + option;
}
std::string variable(const std::string& name) {
  const char* const value = ::getenv(name.c_str());
  return value == nullptr ? "(none)" : value;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

class Defaults : public testing::Test {
 protected:
  ~Defaults() override {
    for (const char* name : {"SLURM_SIF_VERIFY", "SLURM_SIF_BIND", "SLURM_SIF_NV",
                             "SLURM_SIF_CONTAIN", "_SLURM_SPANK_OPTION_sifguard_sif_verify"}) {
      ::unsetenv(name);
    }
    for (const char* name : {"verify", "bind", "nv", "contain"}) {
      ::unsetenv(slurms_name(name).c_str());
    }
  }
};

TEST_F(Defaults, AreGivenToSlurmWhileItReadsTheOptions) {
  for (const spank_context_t context : kUserContexts) {
    ::setenv("SLURM_SIF_VERIFY", "/d.sif", 1);
    ::setenv("SLURM_SIF_NV", "yes", 1);
    ::setenv("SLURM_SIF_CONTAIN", "0", 1);
    EXPECT_EQ(start(context), ESPANK_SUCCESS);
    EXPECT_EQ(variable(slurms_name("verify")), "/d.sif");
    EXPECT_EQ(variable(slurms_name("nv")), "yes");
    EXPECT_EQ(variable(slurms_name("contain")), "(none)");
    EXPECT_EQ(variable(slurms_name("bind")), "(none)");
    give("sif-verify", "/d.sif", false);  // what Slurm does with them
    give("sif-nv", "yes", false);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
    EXPECT_EQ(variable(slurms_name("verify")), "(none)") << "the job would inherit it";
    EXPECT_EQ(variable(slurms_name("nv")), "(none)");
  }
}

TEST_F(Defaults, AreTheUsersCommandsAlone) {
  ::setenv("SLURM_SIF_VERIFY", "/d.sif", 1);
  for (const spank_context_t context : kNodeContexts) {
    start(context);
    EXPECT_EQ(variable(slurms_name("verify")), "(none)");
  }
}

TEST_F(Defaults, GiveWayToSlurmsOwnAndToTheSallocs) {
  ::setenv("SLURM_SIF_VERIFY", "/d.sif", 1);
  ::setenv(slurms_name("verify").c_str(), "/theirs.sif", 1);
  start(S_CTX_LOCAL);
  EXPECT_EQ(variable(slurms_name("verify")), "/theirs.sif");
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  EXPECT_EQ(variable(slurms_name("verify")), "/theirs.sif");
  ::unsetenv(slurms_name("verify").c_str());
  ::setenv("_SLURM_SPANK_OPTION_sifguard_sif_verify", "/salloc.sif", 1);
  start(S_CTX_LOCAL);
  EXPECT_EQ(variable(slurms_name("verify")), "(none)");
  give("sif-bind", "/a", false);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS) << "the salloc asked for the image";
}

TEST_F(Defaults, WaitForAnImageInSilence) {
  ::setenv("SLURM_SIF_BIND", "/scratch", 1);
  start(S_CTX_LOCAL);
  give("sif-bind", "/scratch", false);  // what Slurm does with it
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  start(S_CTX_LOCAL);
  give("sif-bind", "/scratch", false);
  give("sif-bind", "/typed", false);
  EXPECT_LT(post_opt(), 0);
}

TEST_F(Defaults, AreNotLostInSilence) {
  ::setenv("SLURM_SIF_VERIFY", "/d.sif", 1);
  start(S_CTX_LOCAL);  // of a Slurm that does not look at them
  EXPECT_LT(post_opt(), 0);
  EXPECT_THAT(slurm().errors, HasSubstr("SLURM_SIF_VERIFY: Slurm did not take it"));
}

TEST_F(Defaults, HoldForEveryComponentOfAHeterogeneousStep) {
  ::setenv("SLURM_SIF_VERIFY", "/d.sif", 1);
  start(S_CTX_LOCAL);
  give("sif-verify", "/d.sif", false);  // what Slurm does with it, for the first component
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  give("sif-verify", "/typed.sif", false);
  EXPECT_LT(post_opt(), 0);
  start(S_CTX_LOCAL);
  give("sif-verify", "/d.sif", false);
  give("sif-verify", "/typed.sif", false);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  EXPECT_LT(post_opt(), 0);  // the second would have the default, and gets what the first typed
}

TEST_F(Defaults, MustBeWordsForFlags) {
  ::setenv("SLURM_SIF_NV", "maybe", 1);
  EXPECT_EQ(start(S_CTX_LOCAL), ESPANK_SUCCESS);
  EXPECT_EQ(variable(slurms_name("nv")), "(none)");
  give("sif-verify", "/x.sif", false);
  EXPECT_LT(post_opt(), 0);
  EXPECT_THAT(slurm().errors, HasSubstr("SLURM_SIF_NV: neither 1 nor 0"));
  for (const char* value : {"", "no", "FALSE", "off", "0"}) {
    ::setenv("SLURM_SIF_NV", value, 1);
    EXPECT_EQ(start(S_CTX_LOCAL), ESPANK_SUCCESS) << value;
    EXPECT_EQ(variable(slurms_name("nv")), "(none)");
    give("sif-verify", "/x.sif", false);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS) << value;
  }
}

const std::vector<std::pair<std::string, std::string>> kBadDefaults = {
    {"signer", "0123456789ABCDEF"},
    {"action", "shell"},
    {"bind", "/a:b"},
    {"workdir", "work"},
    {"env", "1x"},
    {"bind", "/a\nb"},
    {"env", "A=\n"}};

TEST_F(Defaults, OfNoFormMatterToWhoAsksForAnImageAlone) {
  for (const spank_context_t context : kUserContexts) {
    for (const auto& [option, value] : kBadDefaults) {
      const std::string name = "sif-" + option;
      const std::string ours = "SLURM_SIF_" + upper(option);
      ::setenv(ours.c_str(), value.c_str(), 1);
      EXPECT_EQ(start(context), ESPANK_SUCCESS);
      EXPECT_EQ(give(name, value.c_str(), false), 0) << ours;  // what Slurm does with it
      EXPECT_EQ(post_opt(), ESPANK_SUCCESS) << ours;
      EXPECT_EQ(post_opt(), ESPANK_SUCCESS) << ours << ", of the next component";
      EXPECT_EQ(slurm().errors, "") << ours;

      start(context);
      EXPECT_EQ(give(name, value.c_str(), false), 0);
      give("sif-verify", "/x.sif", false);
      EXPECT_LT(post_opt(), 0) << ours;
      EXPECT_THAT(slurm().errors, HasSubstr("sifguard: " + ours + ": --" + name + ": "));
      ::unsetenv(ours.c_str());
      ::unsetenv(slurms_name(option).c_str());
    }
  }
}

TEST_F(Defaults, OfNoFormAreMendedByWhatIsTyped) {
  ::setenv("SLURM_SIF_ACTION", "shell", 1);
  start(S_CTX_LOCAL);
  EXPECT_EQ(give("sif-action", "shell", false), 0);
  EXPECT_EQ(give("sif-action", "run", false), 0);
  give("sif-verify", "/x.sif", false);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  EXPECT_TRUE(options().run);
  start(S_CTX_LOCAL);
  EXPECT_EQ(give("sif-action", "shell", false), 0);
  EXPECT_LT(give("sif-action", "walk", false), 0) << "that was typed";
  ::unsetenv("SLURM_SIF_ACTION");
  ::unsetenv(slurms_name("action").c_str());
}

TEST_F(Defaults, OfTheImageAreAlwaysWanted) {
  for (const std::string& value : {std::string("/a\nb"), "/" + std::string(5000, 'x')}) {
    ::setenv("SLURM_SIF_VERIFY", value.c_str(), 1);
    start(S_CTX_LOCAL);
    give("sif-verify", value.c_str(), false);
    EXPECT_LT(post_opt(), 0);
    EXPECT_THAT(slurm().errors, HasSubstr("SLURM_SIF_VERIFY: --sif-verify: "));
  }
}

TEST_F(Defaults, ThatSlurmDoesNotTakeStopNoStepWithoutAnImage) {
  ::setenv("SLURM_SIF_CONTAIN", "1", 1);
  start(S_CTX_LOCAL);  // of a Slurm that does not look at them
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  start(S_CTX_LOCAL);
  give("sif-verify", "/x.sif", false);
  EXPECT_LT(post_opt(), 0);
}

TEST_F(Defaults, OfASiteThatIsBrokenStopNoStepWithoutAnImage) {
  ::setenv("SLURM_SIF_BIND", "/scratch", 1);
  start(S_CTX_LOCAL, {"unknown"});
  EXPECT_EQ(give("sif-bind", "/scratch", false), 0);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  give("sif-bind", "/scratch", false);
  EXPECT_LT(give("sif-verify", "/x.sif", false), 0);
}

}  // namespace
}  // namespace sifguard
