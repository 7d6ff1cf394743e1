// One record, one line, whatever the strings hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "keystore/audit/audit.h"

namespace sifguard {
namespace {

using nlohmann::json;

TEST(AuditFormatTest, WritesTheFieldsThatAreKnownInOrder) {
  AuditRecord record;
  record.event = "intent";
  record.job = 7;
  record.step = 0;
  record.sluid = "s4ENM8Q13XA400";
  record.node = "n1";
  record.user = "alice";
  record.uid = 1000;
  record.image = "lolcow.sif";
  record.path = "/apps/lolcow.sif";
  record.digest = "sha256:00";
  record.bindings = {"lolcow"};
  record.signers = {"AA", "BB"};
  record.key_id = "ab";
  record.release = "mount";
  record.decision = "allow";
  record.code = "denied";
  record.reason = "why";
  record.duration_ms = 12;
  EXPECT_EQ(
      format_audit_line(record, 1769862896123),
      R"({"time":"2026-01-31T12:34:56.123Z","event":"intent","job":7,"step":0,)"
      R"("sluid":"s4ENM8Q13XA400","node":"n1",)"
      R"("user":"alice","uid":1000,"image":"lolcow.sif","path":"/apps/lolcow.sif",)"
      R"("digest":"sha256:00","bindings":["lolcow"],"signers":["AA","BB"],"key_id":"ab",)"
      R"("release":"mount","decision":"allow","code":"denied","reason":"why","duration_ms":12})");
}

TEST(AuditFormatTest, LeavesOutWhatIsNotKnown) {
  AuditRecord record;
  record.event = "failed";
  EXPECT_EQ(format_audit_line(record, 0),
            R"({"time":"1970-01-01T00:00:00.000Z","event":"failed","duration_ms":0})");
}

TEST(AuditFormatTest, NoStringForgesALineOrAField) {
  for (const std::string& hostile :
       {std::string("x\"}\n{\"event\":\"released\""), std::string("\",\"decision\":\"allow"),
        std::string("a\0b", 3), std::string("\r\n\t\x1b[2J\x7f"), std::string("\xE2\x80\xA8"),
        std::string("\xC2\x85"), std::string("\xFF\xFE"), std::string("\xE2\x80\xAE txt"),
        std::string("\\u0022"), std::string("%s%n")}) {
    AuditRecord record;
    record.image = hostile;
    record.user = hostile;
    record.bindings = {hostile};
    record.decision = "refuse";
    const std::string line = format_audit_line(record, 0);
    EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7F; }))
        << line;
    const json parsed = json::parse(line, nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << line;
    EXPECT_EQ(parsed.size(), 6U);
    EXPECT_EQ(parsed["decision"], "refuse");
  }
}

TEST(AuditFormatTest, KeepsValidTextAndReplacesTheRest) {
  AuditRecord record;
  record.image = "\xC3\xA9\n";
  record.reason = "a\xFFz";
  const json parsed = json::parse(format_audit_line(record, 0));
  EXPECT_EQ(parsed["image"], "\xC3\xA9\n");
  EXPECT_EQ(parsed["reason"], "a\xEF\xBF\xBDz");
}

/// What audit_name() wrote, told again: each \xNN is a byte.
std::string decoded(const std::string& written) {
  std::string name;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] != '\\') {
      name += written[i];
      continue;
    }
    EXPECT_EQ(written.substr(i, 2), "\\x") << written;
    name += static_cast<char>(std::stoi(written.substr(i + 2, 2), nullptr, 16));
    i += 3;
  }
  return name;
}

TEST(AuditFormatTest, FileNamesCanBeToldAgain) {
  std::set<std::string> seen;
  for (const std::string& name :
       {std::string("/a/\xFF.sif"), std::string("/a/\\xff.sif"), std::string("/a/\xEF\xBF\xBD.sif"),
        std::string("/a/\xC3\xA9.sif"), std::string("/a/\\"), std::string("/a/\n\xE9"),
        std::string("/a/\\x5cxff.sif"), std::string("plain")}) {
    AuditRecord record;
    record.image = name;
    record.path = name;
    record.command = {"image", name};
    const json parsed = json::parse(format_audit_line(record, 0));
    EXPECT_EQ(decoded(parsed["path"]), name);
    EXPECT_EQ(decoded(parsed["image"]), name);
    EXPECT_EQ(decoded(parsed["command"][1]), name);
    EXPECT_TRUE(seen.insert(parsed["path"]).second) << name;
  }
  EXPECT_EQ(audit_name("/a/\xFF.sif"), "/a/\\xff.sif");
  EXPECT_EQ(audit_name("/a/\xC3\xA9.sif"), "/a/\xC3\xA9.sif");
  EXPECT_LT(audit_name(std::string(1 << 20, '\xFF')).size(), 8192U);
}

TEST(AuditFormatTest, LongNamesAreShortenedWithTheirHash) {
  AuditRecord record;
  record.image = "/home/bob/" + std::string(4000, 'x') + "/lolcow.sif";
  const json parsed = json::parse(format_audit_line(record, 0));
  const std::string image = parsed["image"];
  EXPECT_LE(image.size(), 512U);
  EXPECT_TRUE(image.starts_with("/home/bob/xxx"));
  EXPECT_TRUE(image.ends_with("/lolcow.sif"));
  EXPECT_THAT(image, testing::HasSubstr("(4021 bytes, sha256:"));
  AuditRecord other = record;
  other.image[2000] = 'y';
  EXPECT_NE(json::parse(format_audit_line(other, 0))["image"], image);
  record.image = std::string(512, 'x');
  EXPECT_EQ(json::parse(format_audit_line(record, 0))["image"], record.image);
}

TEST(AuditFormatTest, ARecordOfALaunchIsSmallWhateverItsNames) {
  for (const std::string& byte : {std::string("\xFF"), std::string(1, '\0'), std::string("x"),
                                  std::string("\xC3\xA9"), std::string("\"")}) {
    AuditRecord record;
    while (record.image.size() < 4090) record.image += byte;
    record.path = record.image;
    record.reason = record.image + record.image;
    record.node = "node1";
    record.decision = "refuse";
    const std::string line = format_audit_line(record, 0);
    EXPECT_LT(line.size(), 2400U) << line;
    EXPECT_TRUE(json::accept(line));
  }
}

TEST(AuditFormatTest, NothingButADoubtedClockReadsAsOne) {
  AuditRecord record;
  record.event = "changed";
  record.command = {std::string(kDoubtedClock)};
  record.reason = record.image = std::string(kDoubtedClock);
  EXPECT_EQ(format_audit_line(record, 0).find(kDoubtedClock), std::string::npos);
  record.clock = kDoubted;
  EXPECT_NE(format_audit_line(record, 0).find(kDoubtedClock), std::string::npos);
}

TEST(AuditFormatTest, BoundsWhatAUserCanMakeItWrite) {
  AuditRecord record;
  record.image = std::string(1 << 20, '\x01');
  record.signers = std::vector<std::string>(100000, std::string(100, 'x'));
  const std::string line = format_audit_line(record, 0);
  EXPECT_LT(line.size(), 64U << 10U);
  EXPECT_TRUE(json::accept(line));
  // Cut in the middle of a character
  record.image = std::string(4095, 'a') + "\xC3\xA9";
  EXPECT_TRUE(json::accept(format_audit_line(record, 0)));
}

}  // namespace
}  // namespace sifguard
