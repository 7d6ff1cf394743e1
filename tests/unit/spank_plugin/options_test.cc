// The options as Slurm meets them: registered everywhere, explained early, never failing on a node.
#include "spank_plugin/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    ASSERT_EQ(slurm().options.size(), 3U);
    EXPECT_EQ(slurm().options[0].name, "sif-verify");
    EXPECT_EQ(slurm().options[1].name, "sif-bind");
    EXPECT_EQ(slurm().options[2].name, "sif-quiet");
    EXPECT_EQ(slurm().options[0].has_arg, 1);
    EXPECT_EQ(slurm().options[1].has_arg, 1);
    EXPECT_EQ(slurm().options[2].has_arg, 0);
    for (const auto& option : slurm().options) EXPECT_THAT(option.usage, StartsWith("[sifguard] "));
    EXPECT_EQ(slurm().errors, "");
  }
}

TEST(Options, NothingIsRequestedAtFirst) {
  start(S_CTX_REMOTE);
  EXPECT_FALSE(is_requested());
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
}

TEST(Options, QuietAloneRequestsNothing) {
  start(S_CTX_REMOTE);
  EXPECT_EQ(give("sif-quiet", nullptr), 0);
  EXPECT_FALSE(is_requested());
}

TEST(Options, AreKept) {
  start(S_CTX_REMOTE, {"helper=/opt/helper", "config=/etc/x.yaml"});
  EXPECT_EQ(give("sif-verify", "/apps/x.sif"), 0);
  EXPECT_EQ(give("sif-bind", "/a,/b:/c:ro"), 0);
  EXPECT_EQ(give("sif-quiet", ""), 0);
  EXPECT_TRUE(is_requested());
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

TEST(Options, UserIsToldThatBindNeedsVerify) {
  for (const spank_context_t context : kUserContexts) {
    start(context);
    give("sif-bind", "/a", false);
    EXPECT_LT(post_opt(), 0);
    EXPECT_THAT(slurm().errors, HasSubstr("--sif-bind needs --sif-verify"));
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

TEST(Options, NodeRefusesABadBindAndABindAlone) {
  start(S_CTX_REMOTE);
  give("sif-verify", "/x.sif");
  EXPECT_EQ(give("sif-bind", "/a:b"), 0);
  EXPECT_EQ(options_refusal().status, 64);
  start(S_CTX_REMOTE);
  EXPECT_EQ(give("sif-bind", "/a"), 0);
  EXPECT_EQ(post_opt(), ESPANK_SUCCESS);
  EXPECT_TRUE(is_requested());
  EXPECT_STREQ(options_refusal().message, "--sif-bind needs --sif-verify");
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
