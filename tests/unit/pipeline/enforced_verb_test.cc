// `sifguard-helper enforced`, the real program: its answers, and what it records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "helper/process/child.h"
#include "helper/request/answer.h"
#include "helper/request/request_writer.h"
#include "keystore/base/fd.h"
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
    test::write_file(directory_ / "sifguard.yaml",
                     line + "\nsqueue: /bin/false\naudit_file: " + audit_ + "\n");
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
    ChildSpec spec;
    spec.program = std::string(SIFGUARD_BIN) + "/sifguard-helper";
    spec.argv = {"sifguard-helper", "enforced", "--config", directory_ / "sifguard.yaml"};
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

  static std::string step(const std::string& image) {
    RequestWriter writer(test::big_buffer());
    test::write_required(writer);
    if (!image.empty()) writer.text(wire::kTagImage, image);
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

TEST_F(EnforcedVerb, AMalformedConfigurationRefuses) {
  EXPECT_EQ(ask("enforce: sometimes", step("/x.sif")).exit_status, 78);
}

TEST_F(EnforcedVerb, GarbageIsRefusedAndRecorded) {
  EXPECT_EQ(ask("enforce: requested", "garbage").exit_status, 70);
  EXPECT_EQ(recorded(), "failed:internal ");
}

}  // namespace
}  // namespace sifguard
