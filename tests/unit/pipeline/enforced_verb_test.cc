// `sifguard-helper enforced`, the real program: its answers, and what it records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "helper/request/answer.h"
#include "helper/request/request_writer.h"
#include "keystore/base/child.h"
#include "keystore/base/enforcement_record.h"
#include "keystore/base/fd.h"
#include "keystore/policy/hardening.h"
#include "sifguard/paths.h"
#include "tests/unit/base/temp_dir.h"
#include "tests/unit/request/sample.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

class EnforcedVerb : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  }

  /// The helper's answer on a node with this line in its configuration; invalid when it gave none.
  [[nodiscard]] wire::Answer ask(const std::string& line, const std::string& message) const {
    test::write_file(directory_ / "sifguard.yaml", line + "\nsqueue: /bin/false\naudit_file: " +
                                                       audit_ + "\nenforce_hardening: warn\n");
    return ask_as_it_is(message);
  }

  /// Likewise, of the configuration as it is.
  [[nodiscard]] wire::Answer ask_as_it_is(const std::string& message) const {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
    // Without a configuration it writes to the audit log of the host: here to one of the test's.
    const std::filesystem::path logs =
        std::filesystem::path(SIFGUARD_AUDIT_FILE).parent_path().parent_path();
    std::filesystem::create_directory(directory_ / "log");
    ChildSpec spec;
    spec.program = "/usr/bin/unshare";
    spec.argv = {"unshare",
                 "--mount",
                 "sh",
                 "-c",
                 R"(mount --bind "$0" "$1" && shift && exec "$@")",
                 directory_ / "log",
                 logs,
                 std::string(SIFGUARD_BIN) + "/sifguard-helper",
                 "enforced",
                 "--config",
                 directory_ / "sifguard.yaml",
                 "--state",
                 directory_ / "state"};
    spec.fds = {{ends[1], 3}};
    auto helper = start_child(spec);
    ::close(ends[1]);
    const UniqueFd ours(ends[0]);
    if (!helper || !write_all(ours.get(), message, "request")) return {};
    ::shutdown(ours.get(), SHUT_WR);
    const auto bytes = read_until(ours.get(), 4096, monotonic_ms() + 20000, "helper");
    const auto status = helper->wait(monotonic_ms() + 10000);
    EXPECT_TRUE(status && *status == 0);
    const auto answer = decode_answer(bytes ? *bytes : "");
    return answer ? *answer : wire::Answer{};
  }

  static std::string step(const std::string& image, bool node_enforces = false) {
    RequestWriter writer(test::big_buffer());
    test::write_required(writer);
    if (!image.empty()) writer.text(wire::kTagImage, image);
    if (node_enforces) writer.number(wire::kTagFlags, wire::kFlagNodeEnforces);
    return test::finished(writer);
  }

  /// The events in the audit log, each with its code.
  [[nodiscard]] std::string recorded() const {
    std::istringstream log(test::read_file(audit_));
    std::string events;
    for (std::string line; std::getline(log, line);) {
      const auto record = nlohmann::json::parse(line);
      events += record.value("event", "") + ":" + record.value("code", "") + " ";
    }
    return events;
  }

  test::TempDir directory_;
  const std::string audit_ = directory_ / "audit.jsonl";
};

TEST_F(EnforcedVerb, NothingEnforced) {
  const wire::Answer answer = ask("enforce: requested", step(""));
  EXPECT_TRUE(wire::answer_is_valid(answer));
  EXPECT_EQ(answer.exit_status, 0);
  EXPECT_EQ(answer.enforced, 0U);
  EXPECT_EQ(recorded(), "");
}

TEST_F(EnforcedVerb, WithAnImage) {
  for (const char* line : {"enforce: always", "enforce: {partitions: [secure]}"}) {
    const wire::Answer answer = ask(line, step("/x.sif"));
    EXPECT_EQ(answer.exit_status, 0) << line;
    EXPECT_EQ(answer.enforced, 1U) << line;
  }
  EXPECT_EQ(recorded(), "") << "the launch itself is what is recorded";
}

TEST_F(EnforcedVerb, WithoutAnImageIsRefusedAndRecorded) {
  const wire::Answer answer = ask("enforce: always", step(""));
  EXPECT_EQ(answer.exit_status, 77);
  EXPECT_EQ(answer.enforced, 0U);
  EXPECT_THAT(answer.message, HasSubstr("add --sif-verify=IMAGE"));
  EXPECT_EQ(recorded(), "refused:denied ");
}

/// What cannot be understood, whatever it once was meant to say.
const std::vector<std::string>& mistakes() {
  static const std::vector<std::string> all = {
      "Enforce: always",
      "enforced: always",
      "enforce: Always",
      "enforce: sometimes",
      "enforce: {partitions: []}",
      "enforce: {Partitions: [a]}",
      "enforce: &a always",
      "---\nenforce: always\n---\nenforce: requested",
      "enforce: always\nenforce: requested",
      "\tenforce: always",
      "enforce: [always",
      std::string("\xff\xfe"
                  "e\0n\0f\0o\0r\0c\0e\0:\0 \0a\0l\0w\0a\0y\0s\0",
                  32),
      std::string("enforce: alw\0ys", 15),
      "nothing of the kind"};
  return all;
}

TEST_F(EnforcedVerb, AMistakeStopsNobodyWhereNothingIsEnforced) {
  for (const std::string& mistake : mistakes()) {
    const wire::Answer answer = ask(mistake, step(""));
    EXPECT_TRUE(wire::answer_is_valid(answer)) << mistake;
    EXPECT_EQ(answer.exit_status, 0) << mistake;
    EXPECT_EQ(answer.enforced, 0U) << mistake;
    EXPECT_THAT(answer.message, HasSubstr("sifguard.yaml")) << mistake;
  }
  EXPECT_EQ(ask("enforce: requested", step("")).exit_status, 0);
  EXPECT_EQ(ask("Enforce: always", step("")).exit_status, 0);
}

TEST_F(EnforcedVerb, AMistakeRefusesWhereImagesWereEnforced) {
  ASSERT_EQ(ask("enforce: {partitions: [other]}", step("/x.sif")).exit_status, 0);
  for (const std::string& mistake : mistakes()) {
    const wire::Answer answer = ask(mistake, step(""));
    EXPECT_EQ(answer.exit_status, 78) << mistake;
    EXPECT_THAT(answer.message, HasSubstr("this node enforced images when it was last")) << mistake;
    EXPECT_EQ(ask_as_it_is(step("/x.sif")).exit_status, 78);
  }
  ASSERT_EQ(ask("enforce: requested", step("")).exit_status, 0);
  EXPECT_EQ(ask("Enforce: always", step("")).exit_status, 0) << "which ended it";
}

TEST_F(EnforcedVerb, AMistakeRefusesWherePlugstackSaysEnforce) {
  for (const std::string& mistake : mistakes()) {
    const wire::Answer answer = ask(mistake, step("", true));
    EXPECT_EQ(answer.exit_status, 78) << mistake;
    EXPECT_THAT(answer.message, HasSubstr("plugstack.conf says that this node")) << mistake;
  }
  EXPECT_EQ(ask("enforce: requested", step("", true)).exit_status, 78) << "a contradiction";
  EXPECT_EQ(ask("version: 1", step("", true)).exit_status, 77) << "no word: always";
  EXPECT_EQ(ask("version: 1", step("/x.sif", true)).enforced, 1U);
}

TEST_F(EnforcedVerb, AFileThatIsLostRefusesWhereImagesWereEnforced) {
  const std::string file = directory_ / "sifguard.yaml";
  const std::vector<std::pair<const char*, std::function<void()>>> losses = {
      {"gone", [&] { std::filesystem::remove(file); }},
      {"empty", [&] { test::write_file(file, ""); }},
      {"a link that leads nowhere",
       [&] {
         std::filesystem::remove(file);
         std::filesystem::create_symlink("/nonexistent/sifguard.yaml", file);
       }},
      {"a directory",
       [&] {
         std::filesystem::remove(file);
         std::filesystem::create_directory(file);
       }},
      {"somebody else's", [&] { ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0); }},
      {"writable by others", [&] { ASSERT_EQ(::chmod(file.c_str(), 0666), 0); }},
  };
  for (const bool enforced : {true, false}) {
    for (const auto& [what, lose] : losses) {
      std::filesystem::remove_all(file);
      (void)ask(enforced ? "enforce: always" : "enforce: requested", step("/x.sif"));
      lose();
      EXPECT_EQ(ask_as_it_is(step("")).exit_status, enforced ? 78 : 0) << what;
    }
  }
}

TEST_F(EnforcedVerb, AnUnchangedFileIsRemembered) {
  const std::string config = directory_ / "sifguard.yaml";
  const auto remembered = [&] {
    enforcement_record::Record record;
    EXPECT_EQ(enforcement_record::recall((directory_ / "state").c_str(), record),
              enforcement_record::Memory::good);
    return record;
  };
  ASSERT_EQ(ask("enforce: requested", step("")).exit_status, 0);
  EXPECT_EQ(remembered().seen.kind, enforcement_record::Identity::kUnknown)
      << "it may change again within the clock's tick";
  std::this_thread::sleep_for(std::chrono::milliseconds(2200));
  ASSERT_EQ(ask_as_it_is(step("")).exit_status, 0);
  EXPECT_TRUE(remembered().seen.is_same(enforcement_record::look_at(config.c_str())));
  EXPECT_EQ(remembered().last_good, enforcement_record::kNothing);
  EXPECT_EQ(remembered().understood, 1U);
}

TEST_F(EnforcedVerb, WhatCannotBeRememberedIsEnforcedAllTheSame) {
  test::write_file(directory_ / "state", "not a directory");
  EXPECT_EQ(ask("enforce: always", step("")).exit_status, 77);
  EXPECT_EQ(ask("enforce: requested", step("")).exit_status, 0);
}

TEST_F(EnforcedVerb, WithoutRoomAnEmptyMemoryInsists) {
  const std::string state = directory_ / "state";
  ASSERT_EQ(::mkdir(state.c_str(), 0700), 0);
  // Root's own, with room for an inode and no page.
  if (::mount("tmpfs", state.c_str(), "tmpfs", 0, "size=4k,mode=0700") != 0) {
    GTEST_SKIP() << "SKIPPED: nothing can be mounted";
  }
  std::string page(4096, 'x');
  test::write_file(state + "/full", page);
  const auto first = ask("enforce: always", step(""));
  const auto second = ask("Enforce: always", step(""));
  ::umount2(state.c_str(), MNT_DETACH);
  EXPECT_EQ(first.exit_status, 77);
  EXPECT_EQ(second.exit_status, 78);
}

TEST_F(EnforcedVerb, ADamagedMemoryInsistsUntilAFileIsUnderstood) {
  ASSERT_EQ(ask("enforce: requested", step("")).exit_status, 0);
  char name[300];
  ASSERT_TRUE(enforcement_record::file_name(name, sizeof name));
  const std::string file = std::string(directory_ / "state") + "/" + name;
  test::write_file(file, "torn");
  EXPECT_EQ(ask("Enforce: always", step("")).exit_status, 78);
  EXPECT_EQ(ask("enforce: requested", step("")).exit_status, 0);
  EXPECT_EQ(ask("Enforce: always", step("")).exit_status, 0);
  ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0);
  EXPECT_EQ(ask("Enforce: always", step("")).exit_status, 78) << "forged";
}

TEST_F(EnforcedVerb, AnUnwritableAuditLogStopsNobodyWhereNothingIsEnforced) {
  ASSERT_EQ(::mkdir(audit_.c_str(), 0700), 0);
  EXPECT_EQ(ask("enforce: requested", step("")).exit_status, 0);
  EXPECT_NE(ask("enforce: always", step("/x.sif")).exit_status, 0);
}

TEST_F(EnforcedVerb, TracingIsRefusedUnlessTheSiteOnlyWantsAWarning) {
  HardeningPlaces places;
  if (yama_scope(places) >= 1) GTEST_SKIP() << "SKIPPED: Yama holds here";
  const std::string runtime = directory_ / "apptainer";
  test::write_file(runtime, "\177ELF");
  ASSERT_EQ(::chmod(runtime.c_str(), 0755), 0);
  const std::string common = "enforce: always\nruntime: " + runtime;
  test::write_file(directory_ / "sifguard.yaml", common + "\naudit_file: " + audit_ + "\n");
  const wire::Answer answer = ask_as_it_is(step("/x.sif"));
  EXPECT_EQ(answer.exit_status, 78);
  EXPECT_THAT(answer.message, HasSubstr(runtime));
  EXPECT_THAT(answer.message, HasSubstr("chmod 0711"));
  EXPECT_EQ(ask(common, step("/x.sif")).exit_status, 0) << "warn";
}

TEST_F(EnforcedVerb, GarbageIsRefusedAndRecorded) {
  EXPECT_EQ(ask("enforce: requested", "garbage").exit_status, 70);
  EXPECT_EQ(recorded(), "failed:internal ");
}

}  // namespace
}  // namespace sifguard
