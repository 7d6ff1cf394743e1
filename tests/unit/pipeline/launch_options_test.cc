// Options of the runtime: what a binding allows, restricts and adds.
#include "helper/pipeline/launch_options.h"
#include "tests/unit/policy/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Decision decision_with(const RuntimeRule& rule) {
  Binding binding;
  binding.name = "lolcow";
  binding.match = {"/x.sif"};
  binding.allow.users = std::vector<std::string>{"alice"};
  binding.runtime = rule;
  Facts facts;
  facts.user = "alice";
  facts.image_names = test::named({"/x.sif"});
  return *decide({{binding}}, facts);
}

Result<PlanInput> options_of(const Request& request, const RuntimeRule& rule = {}) {
  return launch_options(request, decision_with(rule), default_config());
}

Request everything() {
  Request request;
  request.cwd = "/home/alice";
  request.binds = {"/data"};
  request.variables = {"A=1"};
  request.workdir = "/work";
  request.batch_script = "/script";
  request.quiet = request.verbose = request.run = request.nv = request.rocm = request.contain =
      true;
  return request;
}

TEST(LaunchOptions, PassWhereNothingIsSaidAboutThem) {
  const auto input = options_of(everything());
  ASSERT_TRUE(input) << input.error().line();
  EXPECT_THAT(input->binds, ElementsAre("/data"));
  EXPECT_THAT(input->variables, ElementsAre("A=1"));
  EXPECT_EQ(input->workdir, "/work");
  EXPECT_EQ(input->batch_script, "/script");
  EXPECT_EQ(input->cwd, "/home/alice");
  EXPECT_TRUE(input->quiet && input->verbose && input->run && input->nv && input->rocm &&
              input->contain);
  EXPECT_TRUE(input->forward_environment);
}

TEST(LaunchOptions, NothingIsOnByItself) {
  const auto input = options_of(Request{});
  ASSERT_TRUE(input);
  EXPECT_FALSE(input->quiet || input->verbose || input->run || input->nv || input->rocm ||
               input->contain);
  EXPECT_THAT(input->binds, IsEmpty());
  EXPECT_THAT(input->variables, IsEmpty());
  EXPECT_THAT(input->hidden, ElementsAre(default_config().keystore, default_config().cache));
}

TEST(LaunchOptions, NameTheDirectoriesOfPmix) {
  Request request;
  request.job = 42;
  request.step = 3;
  request.uid = 1001;
  EXPECT_EQ(options_of(request)->pmix_directory, "pmix.42.3");
  EXPECT_EQ(options_of(request)->pmix_client_directory, "/tmp/spmix_appdir_1001_42.3");
  EXPECT_EQ(options_of(request, {{{"bind"}}, {}, true})->pmix_client_directory,
            "/tmp/spmix_appdir_1001_42.3");
  // Users can make directories there: without binds of their own they get none of them.
  EXPECT_EQ(options_of(request, {{{"nv"}}, {}, false})->pmix_client_directory, "");
  Config config = default_config();
  config.pmix_tmpdir = "/local/tmp";
  EXPECT_EQ(launch_options(request, decision_with({}), config)->pmix_client_directory,
            "/local/tmp/spmix_appdir_1001_42.3");
}

TEST(LaunchOptions, ABindingRefusesEachByName) {
  const auto why = [](const Request& request, const std::vector<std::string>& allow) {
    const auto input = options_of(request, {allow, {}, false});
    if (input) return std::string();
    EXPECT_EQ(input.error().code(), Code::denied);
    return input.error().what();
  };
  Request request;
  request.binds = {"/data"};
  EXPECT_THAT(why(request, {"env", "nv", "rocm"}), HasSubstr("'lolcow' does not allow --sif-bind"));
  EXPECT_EQ(why(request, {"bind"}), "");
  request = {};
  request.variables = {"A=1"};
  EXPECT_THAT(why(request, {"bind", "nv", "rocm"}), HasSubstr("--sif-env"));
  request = {};
  request.nv = true;
  EXPECT_THAT(why(request, {"bind", "env", "rocm"}), HasSubstr("--sif-nv"));
  request = {};
  request.rocm = true;
  EXPECT_THAT(why(request, {}), HasSubstr("--sif-rocm"));
  // What only narrows, or concerns the container's inside alone, is always allowed.
  request = {};
  request.run = request.contain = request.quiet = true;
  request.workdir = "/w";
  EXPECT_EQ(why(request, {}), "");
}

TEST(LaunchOptions, WithoutEnvNothingIsForwardedEither) {
  EXPECT_FALSE(options_of(Request{}, {{{"bind"}}, {}, false})->forward_environment);
  EXPECT_TRUE(options_of(Request{}, {{{"env"}}, {}, false})->forward_environment);
}

TEST(LaunchOptions, ABindingAdds) {
  Request request;
  request.binds = {"/mine"};
  const auto input = options_of(request, {{}, {"/scratch", "/data:/mnt:ro"}, true});
  ASSERT_TRUE(input);
  EXPECT_TRUE(input->contain);
  EXPECT_THAT(input->binds, ElementsAre("/mine"));
  EXPECT_THAT(input->site_binds, ElementsAre("/scratch", "/data:/mnt:ro"));
}

TEST(TurnsFor, GocryptfsAloneIsUnlockedInTurns) {
  for (std::int32_t type = 0; type < 8; ++type) {
    ImageFacts facts;
    facts.primary_fstype = type;
    const unsigned turns = turns_for(facts);
    EXPECT_EQ(turns > 0, type == 6) << type;  // as the SIF format numbers it
    EXPECT_LE(turns, std::max(1U, std::thread::hardware_concurrency()));
  }
}

}  // namespace
}  // namespace sifguard
