// The options as Slurm meets them: registered everywhere, explained early, never failing on a node.
#include "spank_plugin/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>  // program_invocation_short_name
#include <cstdlib>
#include <utility>

#include "tests/unit/spank_plugin/fake_spank.h"

namespace sifguard {
namespace {

using fake::give;
using fake::slurm;
using fake::start;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kEveryContext = {S_CTX_LOCAL, S_CTX_ALLOCATOR, S_CTX_REMOTE, S_CTX_SLURMD,
                                S_CTX_JOB_SCRIPT};
constexpr auto kUserContexts = {S_CTX_LOCAL, S_CTX_ALLOCATOR};
constexpr auto kNodeContexts = {S_CTX_REMOTE, S_CTX_SLURMD, S_CTX_JOB_SCRIPT};

int post_opt() {
  return slurm_spank_init_post_opt(fake::handle(), 0, nullptr);
}

TEST(Options, AreRegisteredInEveryContext) {
  for (const spank_context_t context : kEveryContext) {
    EXPECT_EQ(start(context), ESPANK_SUCCESS);
    std::string names;
    for (const auto& option : slurm().options) {
      names += option.name + (option.has_arg == 1 ? "=" + option.arginfo : "") + " ";
    }
    EXPECT_EQ(names,
              "sif-verify=IMAGE sif-signer=FPR sif-action=exec|run sif-bind=SRC[:DST[:ro]],... "
              "sif-workdir=DIR sif-env=NAME[=VALUE],... sif-nv sif-rocm sif-contain sif-quiet "
              "sif-verbose ");
    for (const auto& option : slurm().options) EXPECT_THAT(option.usage, StartsWith("[sifguard] "));
    EXPECT_EQ(slurm().errors, "");
  }
}

TEST(Options, NothingIsRequestedAtFirst) {
  start(S_CTX_REMOTE);
  EXPECT_FALSE(is_requested());
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
}

TEST(Options, NothingButTheImageRequestsAnything) {
  start(S_CTX_REMOTE);
  EXPECT_EQ(give("sif-quiet", nullptr), 0);
  EXPECT_EQ(give("sif-nv", nullptr), 0);
  EXPECT_EQ(give("sif-bind", "/a"), 0);
  EXPECT_EQ(give("sif-env", "A=1"), 0);
  EXPECT_FALSE(is_requested());
}

TEST(Options, AreKept) {
  start(S_CTX_REMOTE, {"helper=/opt/helper", "config=/etc/x.yaml"});
  EXPECT_EQ(give("sif-verify", "/apps/x.sif"), 0);
  EXPECT_EQ(give("sif-bind", "/a,/b:/c:ro"), 0);
  EXPECT_EQ(give("sif-quiet", ""), 0);
  EXPECT_EQ(give("sif-signer", "spki:00"), 0);
  EXPECT_EQ(give("sif-workdir", "/w"), 0);
  EXPECT_EQ(give("sif-env", "A=1,B"), 0);
  EXPECT_EQ(give("sif-contain", nullptr), 0);
  EXPECT_TRUE(is_requested());
  EXPECT_EQ(options().signer, "spki:00");
  EXPECT_EQ(options().workdir, "/w");
  EXPECT_EQ(options().env, "A=1,B");
  EXPECT_TRUE(options().contain);
  EXPECT_FALSE(options().nv || options().rocm || options().run);
  EXPECT_EQ(options().image, "/apps/x.sif");
  EXPECT_EQ(options().binds, "/a,/b:/c:ro");
  EXPECT_TRUE(options().quiet);
  EXPECT_STREQ(options().helper, "/opt/helper");
  EXPECT_STREQ(options().config, "/etc/x.yaml");
  EXPECT_EQ(options_refusal().status, 0);
}

TEST(Options, HelperHasADefaultAndConfigHasNone) {
  start(S_CTX_REMOTE);
  EXPECT_THAT(options().helper, HasSubstr("/libexec/sifguard-helper"));
  EXPECT_EQ(options().config, nullptr);
}

TEST(Options, LastOneWins) {
  start(S_CTX_LOCAL);
  EXPECT_EQ(give("sif-verify", "/long/name/first.sif", false), 0);
  EXPECT_EQ(give("sif-verify", "/2.sif", false), 0);
  EXPECT_EQ(give("sif-bind", "/a,/b", false), 0);
  EXPECT_EQ(give("sif-bind", "/c", false), 0);
  EXPECT_EQ(options().image, "/2.sif");
  EXPECT_EQ(options().binds, "/c");
}

TEST(Options, InitForgetsWhatWasBefore) {
  start(S_CTX_REMOTE, {"unknown"});
  give("sif-verify", "/x.sif");
  give("sif-quiet", "");
  start(S_CTX_REMOTE);
  EXPECT_FALSE(is_requested());
  EXPECT_FALSE(options().quiet);
  give("sif-verify", "/y.sif");
  EXPECT_EQ(options_refusal().status, 0);
}

TEST(Options, UserIsToldOfAMistakeAtOnce) {
  for (const spank_context_t context : kUserContexts) {
    start(context);
    EXPECT_LT(give("sif-verify", "", false), 0);
    EXPECT_LT(give("sif-verify", "/a\nb", false), 0);
    EXPECT_LT(give("sif-bind", "/a:b", false), 0);
    EXPECT_THAT(slurm().errors, HasSubstr("sifguard: --sif-verify: the image is missing\n"));
    EXPECT_THAT(slurm().errors, HasSubstr("control character"));
    EXPECT_THAT(slurm().errors, HasSubstr("DST must be an absolute path"));
  }
}

TEST(Options, UserIsToldWhatNeedsVerify) {
  for (const spank_context_t context : kUserContexts) {
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, const char*>>{{"sif-bind", "/a"},
                                                          {"sif-signer", "spki:0"},
                                                          {"sif-action", "run"},
                                                          {"sif-workdir", "/w"},
                                                          {"sif-env", "A"},
                                                          {"sif-nv", nullptr},
                                                          {"sif-rocm", nullptr},
                                                          {"sif-contain", nullptr}}) {
      start(context);
      give(name, value, false);
      EXPECT_LT(post_opt(), 0) << name;
      EXPECT_THAT(slurm().errors, HasSubstr("--" + name + " needs --sif-verify"));
    }
    start(context);
    give("sif-quiet", nullptr, false);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
    start(context);
    give("sif-bind", "/a", false);
    give("sif-verify", "/x.sif", false);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  }
}

TEST(Options, NodeNeverFailsButRemembers) {
  for (const char* value : {"", "/a\nb"}) {
    start(S_CTX_REMOTE);
    EXPECT_EQ(give("sif-verify", value), 0);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
    EXPECT_TRUE(is_requested());
    EXPECT_EQ(options_refusal().status, 64);
    EXPECT_THAT(options_refusal().message, StartsWith("--sif-verify: "));
  }
  start(S_CTX_REMOTE);
  EXPECT_EQ(give("sif-verify", nullptr), 0);
  EXPECT_EQ(options_refusal().status, 64);
}

TEST(Options, NodeRefusesEveryBadValue) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, const char*>>{{"sif-bind", "/a:b"},
                                                        {"sif-signer", "1234"},
                                                        {"sif-action", "shell"},
                                                        {"sif-workdir", "w"},
                                                        {"sif-env", "1=2"}}) {
    start(S_CTX_REMOTE);
    give("sif-verify", "/x.sif");
    EXPECT_EQ(give(name, value), 0);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
    EXPECT_EQ(options_refusal().status, 64) << name;
    EXPECT_THAT(options_refusal().message, StartsWith("--" + name + ": "));
  }
}

/// This process under another name, while it lives.
class RunsAs {
 public:
  explicit RunsAs(const char* name) : name_(name) { program_invocation_short_name = name_.data(); }
  RunsAs(const RunsAs&) = delete;
  RunsAs& operator=(const RunsAs&) = delete;
  ~RunsAs() { program_invocation_short_name = before_; }

 private:
  std::string name_;
  char* before_ = program_invocation_short_name;
};

TEST(Scrontab, IsToldThatItLosesEveryOption) {
  const RunsAs scrontab("scrontab");
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, const char*>>{{"sif-verify", "/x.sif"},
                                                        {"sif-bind", "/a"},
                                                        {"sif-nv", nullptr},
                                                        {"sif-quiet", nullptr}}) {
    start(S_CTX_ALLOCATOR);
    EXPECT_LT(give(name, value, false), 0) << name;
    EXPECT_THAT(slurm().errors, HasSubstr("scrontab loses the options of plugins"));
  }
}

TEST(Scrontab, TakesNoDefaultWhichItWouldLose) {
  const RunsAs scrontab("scrontab");
  setenv("SLURM_SIF_VERIFY", "/x.sif", 1);
  EXPECT_EQ(start(S_CTX_ALLOCATOR), ESPANK_SUCCESS);
  EXPECT_EQ(getenv("SLURM_SPANK__SLURM_SPANK_OPTION_sifguard_sif_verify"), nullptr);
  unsetenv("SLURM_SIF_VERIFY");
}

TEST(Scrontab, IsNoOtherCommandAndNoNode) {
  for (const char* name : {"sbatch", "salloc", "srun", "scrontabs", "xscrontab"}) {
    const RunsAs other(name);
    start(S_CTX_ALLOCATOR);
    EXPECT_EQ(give("sif-verify", "/x.sif", false), 0) << name;
  }
  const RunsAs scrontab("scrontab");
  for (const spank_context_t context : {S_CTX_LOCAL, S_CTX_REMOTE}) {
    start(context);
    EXPECT_EQ(give("sif-verify", "/x.sif", context == S_CTX_REMOTE), 0);
  }
}

// What slurmrestd hands on: no command of the user's has looked at it.
TEST(RestClient, FindsEveryValueCheckedOnTheNode) {
  const std::string longest(kMaxOption, 'x');
  const std::string path = "/" + longest;
  for (const char* const name :
       {"sif-verify", "sif-signer", "sif-action", "sif-bind", "sif-workdir", "sif-env"}) {
    for (const std::string& value :
         {std::string(), path, std::string(1U << 20U, 'a'), std::string("/a\nb"),
          std::string("\x7f"), std::string("/a\x1b[2J"), std::string("\t")}) {
      start(S_CTX_REMOTE);
      give("sif-verify", "/x.sif");
      EXPECT_EQ(give(name, value.c_str()), 0) << "an error would be logged, and the job run";
      EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
      EXPECT_TRUE(is_requested());
      EXPECT_EQ(options_refusal().status, 64) << name << " of " << value.size() << " bytes";
      EXPECT_THAT(options_refusal().message, StartsWith(std::string("--") + name));
    }
  }
}

TEST(RestClient, SetsAFlagByWhateverValue) {
  for (const std::string& value : {std::string(), std::string("0"), std::string("no"),
                                   std::string(1U << 20U, 'a'), std::string("\n")}) {
    start(S_CTX_REMOTE);
    give("sif-verify", "/x.sif");
    EXPECT_EQ(give("sif-contain", value.c_str()), 0);
    EXPECT_TRUE(options().contain);
    EXPECT_EQ(options().image, "/x.sif");
    EXPECT_EQ(options_refusal().status, 0);
  }
}

// Slurm reads the components of a heterogeneous step one by one, each with a call of post_opt, and
// keeps what the ones before said.
TEST(HeterogeneousStep, MayAskForOneThingAlike) {
  for (const spank_context_t context : kUserContexts) {
    start(context);
    for (int component = 0; component < 3; ++component) {
      give("sif-verify", "/x.sif", false);
      give("sif-nv", nullptr, false);
      EXPECT_EQ(post_opt(), ESPANK_SUCCESS) << component;
    }
    start(context);  // for nothing
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  }
}

TEST(HeterogeneousStep, IsRefusedWhereALaterComponentAsksForAnother) {
  for (const spank_context_t context : kUserContexts) {
    start(context);
    give("sif-verify", "/x.sif", false);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
    give("sif-verify", "/y.sif", false);
    EXPECT_LT(post_opt(), 0);
    EXPECT_THAT(slurm().errors,
                HasSubstr("--sif-verify: Slurm keeps one value for all components"));
    start(context);
    give("sif-verify", "/x.sif", false);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
    give("sif-verify", "/x.sif", false);
    give("sif-nv", nullptr, false);
    EXPECT_LT(post_opt(), 0);
    EXPECT_THAT(slurm().errors, HasSubstr("--sif-nv: Slurm keeps one value"));
    start(context);
    EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
    give("sif-verify", "/x.sif", false);  // the first did not ask for it
    EXPECT_LT(post_opt(), 0);
  }
}

TEST(HeterogeneousStep, IsRefusedWhereALaterComponentAsksForNothing) {
  start(S_CTX_LOCAL);
  give("sif-verify", "/x.sif", false);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  EXPECT_LT(post_opt(), 0);
  start(S_CTX_LOCAL);
  give("sif-verify", "/x.sif", false);
  give("sif-contain", nullptr, false);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  give("sif-verify", "/x.sif", false);
  EXPECT_LT(post_opt(), 0);
  EXPECT_THAT(slurm().errors, HasSubstr("--sif-contain: Slurm keeps one value"));
  // A batch script runs in the first component alone.
  start(S_CTX_ALLOCATOR);
  give("sif-verify", "/x.sif", false);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
}

TEST(Options, VerboseGoesOverQuiet) {
  start(S_CTX_REMOTE);
  give("sif-verbose", nullptr);
  EXPECT_TRUE(options().verbose);
  give("sif-quiet", nullptr);
  EXPECT_TRUE(options().verbose);
  EXPECT_FALSE(options().quiet);
}

TEST(Options, AGoodValueMendsABadOneAndTheOtherWayRound) {
  start(S_CTX_REMOTE);
  give("sif-verify", "");
  give("sif-verify", "/x.sif");
  EXPECT_EQ(options_refusal().status, 0);
  give("sif-verify", "");
  EXPECT_EQ(options_refusal().status, 64);
  EXPECT_EQ(options().image, "");
}

TEST(Options, UnknownPluginArgumentsPoisonOnlyWhoAsks) {
  for (const char* argument : {"unknown", "helper", "helper=", "helper=relative", "config=x", "",
                               "HELPER=/x", "helper =/x"}) {
    EXPECT_EQ(start(S_CTX_REMOTE, {argument}), ESPANK_SUCCESS);
    EXPECT_THAT(slurm().errors, HasSubstr("plugstack.conf")) << argument;
    EXPECT_FALSE(is_requested());
    give("sif-verify", "/x.sif");
    EXPECT_EQ(options_refusal().status, 78) << argument;
  }
}

TEST(Options, UnknownPluginArgumentsAreToldToTheUserWhoAsks) {
  EXPECT_EQ(start(S_CTX_LOCAL, {"unknown"}), ESPANK_SUCCESS);
  EXPECT_LT(give("sif-verify", "/x.sif", false), 0);
}

TEST(Options, FailedRegistrationFailsForUsersOnly) {
  for (const spank_context_t context : kUserContexts) {
    slurm() = fake::Slurm{};
    slurm().context = context;
    slurm().refuses_registration = true;
    EXPECT_LT(slurm_spank_init(fake::handle(), 0, nullptr), 0);
  }
  for (const spank_context_t context : kNodeContexts) {
    slurm() = fake::Slurm{};
    slurm().context = context;
    slurm().refuses_registration = true;
    EXPECT_EQ(slurm_spank_init(fake::handle(), 0, nullptr), ESPANK_SUCCESS);
    EXPECT_TRUE(is_requested()) << "who asked for verification would run on the host";
    EXPECT_EQ(options_refusal().status, 78);
  }
}

}  // namespace
}  // namespace sifguard
