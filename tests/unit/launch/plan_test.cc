// The runtime's argument vector, golden, and the inputs that make none.
#include "helper/launch/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

PlanInput plain() {
  PlanInput input;
  input.runtime = "/usr/bin/apptainer";
  input.image_path = "/run/sifguard/job/lolcow.sif";
  return input;
}

TEST(MakePlan, PlainImage) {
  const auto plan = make_plan(plain());
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_EQ(plan->runtime, "/usr/bin/apptainer");
  EXPECT_THAT(plan->args, ElementsAre("exec", "/run/sifguard/job/lolcow.sif"));
  EXPECT_TRUE(plan->environment.empty());
}

TEST(MakePlan, NamesTheDirectoryOfPmixAlone) {
  PlanInput input = plain();
  input.pmix_directory = "pmix.42.0";
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->shown, ElementsAre("PMIX_SERVER_TMPDIR=pmix.42.0"));
  EXPECT_TRUE(plan->shown_below.empty());
  EXPECT_THAT(plan->args, ElementsAre("exec", "/run/sifguard/job/lolcow.sif"));
}

TEST(MakePlan, NamesTheDirectoryOfPmixsClients) {
  PlanInput input = plain();
  input.pmix_client_directory = "/local/tmp/spmix_appdir_1001_42.0";
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->shown_below,
              ElementsAre("SLURM_PMIX_TMPDIR=/local/tmp/spmix_appdir_1001_42.0"));
  EXPECT_TRUE(plan->shown.empty());
}

TEST(MakePlan, EverythingAtOnce) {
  PlanInput input = plain();
  input.encrypted = input.contain = input.quiet = true;
  input.binds = {"/scratch", "data:/mnt:ro"};
  input.cwd = "/home/alice";
  input.batch_script = "/var/spool/slurmd/job00042/slurm_script";
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->args, ElementsAre("--silent", "exec", "--pem-path=/run/sifguard/job/key.pem",
                                      "--contain", "--bind", "/scratch:/scratch", "--bind",
                                      "/home/alice/data:/mnt:ro", "--bind",
                                      "/var/spool/slurmd/job00042/slurm_script:"
                                      "/var/spool/slurmd/job00042/slurm_script:ro",
                                      "/run/sifguard/job/lolcow.sif"));
}

TEST(MakePlan, ActionGpusAndWorkingDirectory) {
  PlanInput input = plain();
  input.run = input.nv = input.rocm = true;
  input.workdir = "/opt/work dir";
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->args, ElementsAre("run", "--nv", "--rocm", "--pwd", "/opt/work dir",
                                      "/run/sifguard/job/lolcow.sif"));
  input.workdir = "--writable";
  EXPECT_EQ(make_plan(input).error().code(), Code::usage);
}

TEST(MakePlan, VariablesAreForTheContainerAlone) {
  PlanInput input = plain();
  input.variables = {"A=b=c,d", "EMPTY=", "LANG", "_x9=1"};
  auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->environment,
              ElementsAre("APPTAINERENV_A=b=c,d", "APPTAINERENV_EMPTY=", "APPTAINERENV__x9=1"));
  EXPECT_THAT(plan->copied, ElementsAre("APPTAINERENV_LANG=LANG"));
  EXPECT_TRUE(plan->dropped.empty());
  EXPECT_EQ(plan->inner_prefix, "APPTAINERENV_");
  EXPECT_TRUE(plan->shown.empty());
  input.variable_prefix = "SINGULARITYENV_";
  EXPECT_EQ(make_plan(input)->inner_prefix, "SINGULARITYENV_");
  input.forward_environment = false;
  plan = make_plan(input);
  EXPECT_THAT(plan->copied, ElementsAre("SINGULARITYENV_LANG=LANG"));
  EXPECT_THAT(plan->dropped, ElementsAre("APPTAINERENV_", "SINGULARITYENV_"));
  EXPECT_EQ(plan->inner_prefix, "");
}

TEST(MakePlan, RefusesOddVariables) {
  for (const char* variable : {"", "=x", "9=x", "A-B=x", "A B", "A\n=x", "\xc3\xa4=x", "A.B"}) {
    PlanInput input = plain();
    input.variables = {"GOOD=1", variable};
    const auto plan = make_plan(input);
    ASSERT_FALSE(plan.has_value()) << variable;
    EXPECT_EQ(plan.error().code(), Code::usage);
  }
}

TEST(MakePlan, RefusesABindThatIsNotAllowed) {
  for (const char* bind : {"/x:/proc", "/run/sifguard/job:/k", "relative", "/a,/b"}) {
    PlanInput input = plain();
    input.binds = {"/scratch", bind};
    const auto plan = make_plan(input);
    ASSERT_FALSE(plan.has_value()) << bind;
    EXPECT_EQ(plan.error().code(), Code::usage);
  }
}

TEST(MakePlan, HidesTheConfiguredDirectories) {
  PlanInput input = plain();
  input.hidden = {"/secret/keystore"};
  input.binds = {"/secret/keystore/keys:/k"};
  EXPECT_FALSE(make_plan(input).has_value());
  input.binds = {"/secret/other:/k"};
  EXPECT_TRUE(make_plan(input).has_value());
}

TEST(MakePlan, RefusesABatchScriptWithAColon) {
  PlanInput input = plain();
  input.batch_script = "/spool:x/slurm_script";
  EXPECT_FALSE(make_plan(input).has_value());
}

TEST(MakePlan, RefusesRelativePaths) {
  PlanInput input = plain();
  input.runtime = "apptainer";
  EXPECT_THAT(make_plan(input).error().what(), HasSubstr("runtime's path is not absolute"));
  input = plain();
  input.image_path = "--writable";
  EXPECT_THAT(make_plan(input).error().what(), HasSubstr("image's path is not absolute"));
}

}  // namespace
}  // namespace sifguard
