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
  EXPECT_THAT(plan->args, ElementsAre("--quiet", "exec", "/run/sifguard/job/lolcow.sif"));
  EXPECT_TRUE(plan->environment.empty());
}

TEST(MakePlan, NamesTheDirectoryOfPmixAlone) {
  PlanInput input = plain();
  input.pmix_directory = "pmix.42.0";
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->shown, ElementsAre("PMIX_SERVER_TMPDIR=pmix.42.0"));
  EXPECT_TRUE(plan->shown_below.empty());
  EXPECT_THAT(plan->args, ElementsAre("--quiet", "exec", "/run/sifguard/job/lolcow.sif"));
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
  input.site_binds = {"/opt/keys:/opt/keys:ro"};
  input.binds = {"/scratch", "data:/mnt:ro"};
  input.cwd = "/home/alice";
  input.batch_script = "/var/spool/slurmd/job00042/slurm_script";
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->args,
              ElementsAre("--silent", "exec", "--pem-path=/run/sifguard/job/key.pem", "--contain",
                          "--mount", "type=bind,source=/opt/keys,destination=/opt/keys,ro",
                          "--mount", "type=bind,source=/scratch,destination=/scratch", "--mount",
                          "type=bind,source=/home/alice/data,destination=/mnt,ro", "--mount",
                          "type=bind,source=/var/spool/slurmd/job00042/slurm_script,"
                          "destination=/var/spool/slurmd/job00042/slurm_script,ro",
                          "/run/sifguard/job/lolcow.sif"));
  EXPECT_THAT(plan->site_sources, ElementsAre("/opt/keys"));
  EXPECT_THAT(plan->asked_sources, ElementsAre("/scratch", "/home/alice/data"));
  EXPECT_EQ(plan->start, ".");
}

TEST(MakePlan, TheRuntimeIsAsLoudAsAsked) {
  PlanInput input = plain();
  EXPECT_EQ(make_plan(input)->args.front(), "--quiet");  // no notices: warnings and errors
  input.verbose = true;
  EXPECT_EQ(make_plan(input)->args.front(), "exec");
  input.quiet = true;
  EXPECT_EQ(make_plan(input)->args.front(), "--silent");  // errors alone
}

TEST(MakePlan, ActionGpusAndWorkingDirectory) {
  PlanInput input = plain();
  input.run = input.nv = input.rocm = true;
  input.workdir = "/opt/work dir";
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->args, ElementsAre("--quiet", "run", "--nv", "--rocm", "--pwd", "/opt/work dir",
                                      "/run/sifguard/job/lolcow.sif"));
  EXPECT_EQ(plan->start, std::nullopt);
  input.run = false;  // ours says why it cannot enter it
  EXPECT_THAT(make_plan(input)->args, ElementsAre("--quiet", "exec", "--nv", "--rocm", "--pwd", "/",
                                                  "/run/sifguard/job/lolcow.sif"));
  EXPECT_EQ(make_plan(input)->start, "/opt/work dir");
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
  input.variables = {R"(A=p$HOME'w`id`\x)"};
  EXPECT_THAT(make_plan(input)->environment, ElementsAre(R"(APPTAINERENV_A=p\$HOME'w\`id\`\\x)"));
  input.variables = {R"(LD_LIBRARY_PATH=/a";id;"$x)"};
  EXPECT_THAT(make_plan(input)->environment,
              ElementsAre(R"(APPTAINERENV_LD_LIBRARY_PATH=/a$(printf '\042\073')id)"
                          R"($(printf '\073\042\044')x)"));
  input.variables = {"LANG"};
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

TEST(MakePlan, RefusesVariablesThatTheRuntimeKeepsForItself) {
  for (const std::string name : {"HOME", "UID", "EUID", "GID", "e", "key", "__script__",
                                 "APPTAINER_SHELL", "SINGULARITY_APPNAME"}) {
    PlanInput input = plain();
    for (const std::string& text : {name, name + "=1"}) {
      input.variables = {text};
      const auto plan = make_plan(input);
      ASSERT_FALSE(plan.has_value()) << text;
      EXPECT_THAT(plan.error().line(), HasSubstr("runtime sets it itself"));
    }
  }
  PlanInput input = plain();
  input.variables = {"HOMES=1", "MY_SHELL=1", "E=1", "keys=1", "PATH=/x", "_A_=1"};
  EXPECT_TRUE(make_plan(input).has_value());
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

TEST(MakePlan, BindsABatchScriptOfAnyName) {
  PlanInput input = plain();
  input.batch_script = "/spool:x,y/slurm_script";
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_EQ(plan->args[3],
            "type=bind,\"source=/spool:x,y/slurm_script\","
            "\"destination=/spool:x,y/slurm_script\",ro");
  EXPECT_TRUE(plan->asked_sources.empty());
}

TEST(MakePlan, RefusesRelativePaths) {
  PlanInput input = plain();
  input.runtime = "apptainer";
  EXPECT_THAT(make_plan(input).error().what(), HasSubstr("runtime's path is not absolute"));
  input = plain();
  input.image_path = "--writable";
  EXPECT_THAT(make_plan(input).error().what(), HasSubstr("image's path is not absolute"));
}

TEST(MakePlan, AnOciImagesCommandIsStartedAndNoRunscript) {
  PlanInput input = plain();
  input.run = true;
  input.image_command = ImageCommand{{"/entry"}, {"a", "b"}};
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->args, ElementsAre("--quiet", "exec", "/run/sifguard/job/lolcow.sif"));
  EXPECT_EQ(plan->start, ".");
  EXPECT_EQ(plan->command, input.image_command);
  input.run = false;
  EXPECT_EQ(make_plan(input)->command, std::nullopt);
  EXPECT_EQ(make_plan(input)->start, ".");
}

TEST(MakePlan, AnOciImagesDirectoryIsTakenUnlessTheUserNamesOne) {
  PlanInput input = plain();
  for (const bool run : {false, true}) {
    input.run = run;
    input.image_command = ImageCommand{{"/entry"}, {}};
    input.workdir = "";
    input.image_workdir = "/srv";
    const auto plan = make_plan(input);
    ASSERT_TRUE(plan.has_value()) << plan.error().line();
    EXPECT_EQ(plan->start, "/srv");
    EXPECT_THAT(plan->args, testing::IsSupersetOf({"--pwd", "/"}));
    input.workdir = "/mine";
    EXPECT_EQ(make_plan(input)->start, "/mine");
    input.workdir = "";
    input.image_workdir = "/";
    EXPECT_EQ(make_plan(input)->start, ".");
  }
}

TEST(MakePlan, AnOciImagesVariablesGiveWayToTheUsers) {
  PlanInput input = plain();
  input.image_command = ImageCommand{};
  input.image_environment = {"PATH=/bin:/opt", "A=1$x", "B=2", "HOME=/root", "C=3", "X-Y=no"};
  input.variables = {"B=mine", "C"};
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan.has_value()) << plan.error().line();
  EXPECT_THAT(plan->environment, ElementsAre("APPTAINERENV_B=mine", "APPTAINERENV_PATH=/bin:/opt",
                                             "APPTAINERENV_A=1\\$x"));
  EXPECT_THAT(plan->copied, ElementsAre("APPTAINERENV_C=C"));
}

}  // namespace
}  // namespace sifguard
