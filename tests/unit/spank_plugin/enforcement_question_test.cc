// Steps on nodes that enforce images: when the helper is asked, and what becomes of the tasks.
#include "spank_plugin/enforcement_question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "helper/request/request.h"
#include "keystore/base/enforcement_record.h"
#include "tests/unit/spank_plugin/fake_spank.h"
#include "tests/unit/spank_plugin/helpers.h"
#include "tests/unit/spank_plugin/in_task.h"

namespace sifguard {
namespace {

using fake::give;
using fake::slurm;
using fake::start;
using test::kWentOn;
using test::run_task;
using testing::HasSubstr;
using testing::StartsWith;

namespace record = enforcement_record;

class Enforced : public test::RootScratch {
 protected:
  void SetUp() override {
    RootScratch::SetUp();
    std::filesystem::create_directory(file("state"));
  }
  /// A step on a node with this configuration; its helper behaves as `mode`.
  void step_on(const std::string& config, const std::string& mode,
               const std::vector<std::string>& more = {}) {
    std::ofstream(file("config")) << config;
    step(helper(mode), more);
  }
  void step(const std::string& program, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"helper=" + program, "config=" + file("config"),
                                          "state=" + file("state")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    start(S_CTX_REMOTE, arguments);
  }
  /// A helper has read the file as it is now.
  void remember(record::Reading last_good, bool understood = true) {
    record::Record read;
    read.last_good = last_good;
    read.understood = understood ? 1 : 0;
    read.seen = record::look_at(file("config").c_str());
    read.sum = record::sum_of(read);
    std::ofstream out(memory(), std::ios::binary);
    out.write(reinterpret_cast<const char*>(&read), sizeof read);
  }
  [[nodiscard]] std::string memory() const {
    char name[300];
    EXPECT_TRUE(record::file_name(name, sizeof name));
    return file("state") + "/" + name;
  }
  [[nodiscard]] std::string asked() const { return content(file("config.verbs")); }
};

TEST_F(Enforced, NobodyIsAskedAboutAFileThatWasRead) {
  for (const bool understood : {true, false}) {
    step_on("whatever it says: enforce\n", "refuse");
    remember(record::kNothing, understood);
    const auto ending = run_task();
    EXPECT_EQ(ending.status, kWentOn);
    EXPECT_EQ(ending.out, "argv:\ncalls: 0\n") << "not even Slurm";
    EXPECT_EQ(asked(), "");
  }
}

TEST_F(Enforced, TheAdministratorHearsOfAFileThatIsNotUnderstood) {
  step_on("Enforce: always\n", "refuse");
  remember(record::kNothing, false);
  ask_about_enforcement(fake::handle());
  EXPECT_FALSE(is_enforced());
  EXPECT_THAT(slurm().errors, HasSubstr("cannot be understood, so no images are enforced"));
}

TEST_F(Enforced, AnyOtherFileIsAskedAbout) {
  step_on("enforce: always\n", "refuse");
  EXPECT_EQ(run_task().status, 77) << "never read";
  remember(record::kNothing);
  std::ofstream(file("config")) << "enforce: always \n";
  EXPECT_EQ(run_task().status, 77) << "rewritten";
  remember(record::kNothing);
  ASSERT_EQ(::chmod(file("config").c_str(), 0600), 0);
  EXPECT_EQ(run_task().status, 77) << "of another mode";
  remember(record::kNothing);
  std::filesystem::rename(file("config"), file("other"));
  std::filesystem::create_symlink("/nonexistent", file("config"));
  EXPECT_EQ(run_task().status, 77) << "a link that leads nowhere";
  std::filesystem::remove(file("config"));
  std::filesystem::create_directory(file("config"));
  EXPECT_EQ(run_task().status, 77) << "a directory";
  remember(record::kNever, false);
  EXPECT_EQ(run_task().status, kWentOn) << "a directory that was asked about";
}

TEST_F(Enforced, AFileThatIsNotThereIsAskedAboutWhereItEnforced) {
  step(helper("refuse"));
  EXPECT_EQ(run_task().status, kWentOn) << "nothing is known";
  remember(record::kNothing);
  EXPECT_EQ(run_task().status, kWentOn);
  std::filesystem::remove_all(file("state"));
  EXPECT_EQ(run_task().status, kWentOn);
  std::filesystem::create_directory(file("state"));
  remember(record::kEnforces);
  EXPECT_EQ(run_task().status, 77);
}

TEST_F(Enforced, WhatIsRememberedInsists) {
  step_on("enforce: always\n", "refuse");
  remember(record::kEnforces);
  EXPECT_EQ(run_task().status, 77) << "the file is the same";
  step("/nonexistent");
  EXPECT_EQ(run_task().status, 78);
}

TEST_F(Enforced, WhatIsDamagedInsists) {
  const auto insists = [&](const char* what) {
    step("/nonexistent");
    EXPECT_EQ(run_task().status, 78) << what;
  };
  std::ofstream(file("config")) << "version: 1\n";
  remember(record::kNothing);
  const std::string good = content(memory());
  std::ofstream(memory(), std::ios::trunc);
  insists("empty");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 1;
    std::ofstream(memory(), std::ios::binary) << bad;
    insists(("byte " + std::to_string(i)).c_str());
  }
  std::ofstream(memory(), std::ios::binary) << good.substr(0, good.size() - 1);
  insists("short");
  std::ofstream(memory(), std::ios::binary) << good << 'x';
  insists("long");
  remember(record::kNothing);
  step("/nonexistent");
  EXPECT_EQ(run_task().status, kWentOn) << "good again";
  ASSERT_EQ(::chown(memory().c_str(), 65534, 65534), 0);
  insists("somebody else's");
  ASSERT_EQ(::chown(memory().c_str(), 0, 0), 0);
  ASSERT_EQ(::chmod(memory().c_str(), 0622), 0);
  insists("writable by others");
  ASSERT_EQ(::chmod(memory().c_str(), 0600), 0);
  ASSERT_EQ(::chmod(file("state").c_str(), 0777), 0);
  insists("in a directory of everybody's");
  ASSERT_EQ(::chmod(file("state").c_str(), 0700), 0);
  std::filesystem::rename(memory(), file("moved"));
  std::filesystem::create_symlink(file("moved"), memory());
  insists("a link");
  std::filesystem::remove(memory());
  std::filesystem::create_directory(memory());
  insists("a directory");
}

TEST_F(Enforced, PlugstacksWordInsists) {
  step(helper("refuse"), {"enforce"});
  EXPECT_EQ(run_task().status, 77) << "without a file";
  const auto request = decode_request(content(file("config.request")));
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->node_enforces);
  step_on("version: 1\n", "refuse", {"enforce"});
  remember(record::kNothing);
  EXPECT_EQ(run_task().status, 77);
  step("/nonexistent", {"enforce"});
  EXPECT_EQ(run_task().status, 78);
  step_on("version: 2\n", "refuse");
  run_task();
  EXPECT_FALSE(decode_request(content(file("config.request")))->node_enforces);
}

TEST_F(Enforced, AMistypedWordOfPlugstackRefusesEveryStep) {
  for (const char* word :
       {"Enforce", "ENFORCE", "enforced", "enfroce", "enforc", "nforce", "inforce", "enforce=yes",
        "--enforce", "\"enforce\"", "enforcement", "enforce,"}) {
    step(helper("allow"), {word});
    const auto ending = run_task();
    EXPECT_EQ(ending.status, 78) << word;
    EXPECT_THAT(ending.err, HasSubstr("plugstack.conf gives sifguard an argument")) << word;
  }
  for (const char* word : {"verbose", "confg=/x", "helper", "/usr/lib/x", "=", "-",
                           "aVeryLongWordThatNobodyEverMeantByIt", "en", "reinforcements"}) {
    step(helper("refuse"), {word});
    EXPECT_EQ(run_task().status, kWentOn) << word;
  }
}

TEST_F(Enforced, AStepThatIsNotEnforcedIsLeftAlone) {
  step_on("enforce: {partitions: [other]}\n", "allow");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, kWentOn);
  EXPECT_THAT(ending.out, StartsWith("argv:\n"));
  EXPECT_EQ(ending.err, "");
  EXPECT_EQ(asked(), "enforced ");
}

TEST_F(Enforced, ANoticeIsForTheAdministrator) {
  step_on("Enforce: always\n", "notice");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, kWentOn);
  EXPECT_EQ(ending.err, "");
  step_on("Enforce: always\n", "notice");
  ask_about_enforcement(fake::handle());
  EXPECT_THAT(slurm().errors, HasSubstr("no images are enforced on this node: image 'x' is not"));
}

TEST_F(Enforced, ARefusalEndsTheTask) {
  step_on("enforce: always\n", "refuse");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(ending.err, "sifguard: user may not\n");
  EXPECT_EQ(asked(), "enforced ");
}

TEST_F(Enforced, TroubleRefuses) {
  for (const char* mode : {"crash", "fail", "silent", "short", "garbage", "allow-and-fail"}) {
    step_on("enforce: always\n", mode);
    EXPECT_EQ(run_task().status, 70) << mode;
  }
  step_on("enforce: always\n", "allow");
  slurm().unavailable = {S_JOB_UID};
  EXPECT_EQ(run_task().status, 70);
}

TEST_F(Enforced, WithoutAHelperNobodyIsStoppedWhoNamesNoImage) {
  std::ofstream(file("not-a-program")) << "text";
  ASSERT_EQ(::chmod(file("not-a-program").c_str(), 0755), 0);
  for (const std::string& program : {std::string("/nonexistent"), file("not-a-program")}) {
    std::ofstream(file("config")) << "nonsense: [";
    step(program);
    const auto ending = run_task();
    EXPECT_EQ(ending.status, kWentOn);
    EXPECT_EQ(ending.err, "");
    ask_about_enforcement(fake::handle());
    EXPECT_THAT(slurm().errors, HasSubstr("no images are enforced on this node: helper"));
    step(program);
    give("sif-verify", "/x.sif");
    EXPECT_EQ(run_task().status, 78);
  }
}

TEST_F(Enforced, TheExternStepIsNot) {
  step_on("enforce: always\n", "refuse");
  slurm().step = SLURM_EXTERN_CONT;
  EXPECT_EQ(run_task().status, kWentOn);
  EXPECT_EQ(asked(), "");
}

TEST_F(Enforced, TheLauncherIsExecutedAtOnce) {
  step_on("enforce: always\n", "enforced");
  give("sif-verify", "/x.sif");
  const auto ending = run_task();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.out, "launched: cowsay hi there\njob variable: 1\n");
  EXPECT_EQ(asked(), "enforced task ");
}

TEST_F(Enforced, NotWhereProgramsCannotBeForbidden) {
  step_on("enforce: always\n", "enforced");
  give("sif-verify", "/x.sif");
  const auto ending = run_task([] {}, false);  // the hook between ran in another process
  EXPECT_EQ(ending.status, 78);
  EXPECT_THAT(ending.err, HasSubstr("contain_spank"));
}

TEST_F(Enforced, MultiProgIsRefusedAndNothingLikeIt) {
  const auto status_of = [&](const std::vector<std::string>& argv) {
    step_on("enforce: always\n", "enforced");
    give("sif-verify", "/x.sif");
    slurm().argv = argv;
    return run_task().status;
  };
  EXPECT_EQ(status_of({"conf", "0 hostname\n1-3 date\n"}), 64);
  EXPECT_EQ(status_of({"conf", "# comment\n\n  * date\n"}), 64);
  EXPECT_EQ(status_of({"printf", "two\nlines"}), 0);
  EXPECT_EQ(status_of({"sh", "-c", "0 a\n1 b"}), 0);
}

}  // namespace
}  // namespace sifguard
