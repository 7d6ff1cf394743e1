// Decoding requests: what must be there, every cap, and damage of every kind.
#include "helper/request/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/request/sample.h"

namespace sifguard {
namespace {

using test::big_buffer;
using test::finished;
using test::sample_request;
using test::write_required;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t kHeaderSize = sizeof(wire::Header);

/// A message of the required fields and one raw record more.
std::string with_record(std::uint32_t tag, std::string_view bytes) {
  RequestWriter writer(big_buffer());
  write_required(writer, tag);
  std::string message = finished(writer);
  const wire::RecordHeader record{tag, static_cast<std::uint32_t>(bytes.size())};
  message.append(reinterpret_cast<const char*>(&record), sizeof record);
  message += bytes;
  const auto size = static_cast<std::uint32_t>(message.size());
  std::memcpy(message.data() + offsetof(wire::Header, size), &size, sizeof size);
  return message;
}

std::string as_bytes_of(std::uint32_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

void expect_refused(std::string_view message, const std::string& why) {
  const auto request = decode_request(message);
  ASSERT_FALSE(request.has_value()) << "accepted, though " << why;
  EXPECT_EQ(request.error().code(), Code::internal);
  EXPECT_THAT(request.error().what(), HasSubstr(why));
}

TEST(DecodeRequest, YieldsEveryField) {
  const auto request = decode_request(sample_request());
  ASSERT_TRUE(request.has_value()) << request.error().line();
  EXPECT_EQ(request->uid, 1001U);
  EXPECT_EQ(request->gid, 1002U);
  EXPECT_THAT(request->groups, ElementsAre(100, 2000));
  EXPECT_EQ(request->job, 42U);
  EXPECT_EQ(request->step, 0xfffffffbU);
  EXPECT_EQ(request->node_id, 1U);
  EXPECT_EQ(request->cwd, "/home/alice");
  EXPECT_EQ(request->node, "node2");
  EXPECT_EQ(request->image, "/apps/lolcow.sif");
  EXPECT_THAT(request->binds, ElementsAre("/scratch", "/data:/mnt:ro"));
  EXPECT_THAT(request->variables, ElementsAre("A=b=c", "LANG"));
  EXPECT_EQ(request->batch_script, "/var/spool/slurmd/job00042/slurm_script");
  EXPECT_EQ(request->signer, "0123");
  EXPECT_EQ(request->workdir, "/work");
  EXPECT_TRUE(request->quiet && request->run && request->nv && request->rocm && request->contain);
}

TEST(DecodeRequest, OptionalFieldsMayBeAbsent) {
  RequestWriter writer(big_buffer());
  write_required(writer);
  const auto request = decode_request(finished(writer));
  ASSERT_TRUE(request.has_value()) << request.error().line();
  EXPECT_TRUE(request->image.empty());
  EXPECT_TRUE(request->binds.empty());
  EXPECT_TRUE(request->variables.empty());
  EXPECT_TRUE(request->batch_script.empty());
  EXPECT_TRUE(request->signer.empty());
  EXPECT_TRUE(request->workdir.empty());
  EXPECT_FALSE(request->quiet || request->run || request->nv || request->rocm || request->contain);
}

TEST(DecodeRequest, KeepsTheFlagsApart) {
  const auto with = [](std::uint32_t flags) {
    return *decode_request(with_record(wire::kTagFlags, as_bytes_of(flags)));
  };
  EXPECT_TRUE(with(wire::kFlagQuiet).quiet);
  EXPECT_TRUE(with(wire::kFlagVerbose).verbose);
  EXPECT_FALSE(with(wire::kFlagQuiet).verbose);
  EXPECT_TRUE(with(wire::kFlagRun).run);
  EXPECT_TRUE(with(wire::kFlagNv).nv);
  EXPECT_TRUE(with(wire::kFlagRocm).rocm);
  EXPECT_TRUE(with(wire::kFlagContain).contain);
  EXPECT_FALSE(with(wire::kAllFlags & ~wire::kFlagRun).run);
}

TEST(DecodeRequest, RefusesEachMissingField) {
  for (std::uint32_t tag = wire::kTagUid; tag <= wire::kTagNode; ++tag) {
    RequestWriter writer(big_buffer());
    write_required(writer, tag);
    expect_refused(finished(writer), "field " + std::to_string(tag) + " is missing");
  }
}

TEST(DecodeRequest, RefusesEveryRepeatedFieldExceptLists) {
  const std::string number = as_bytes_of(1);
  for (std::uint32_t tag = wire::kTagUid; tag <= wire::kTagFlags; ++tag) {
    if (tag == wire::kTagBind || tag == wire::kTagVariable) continue;
    const bool text = tag >= wire::kTagCwd && tag < wire::kTagFlags;
    const std::string bytes = text ? "/x" : number;
    std::string message = with_record(tag, bytes);
    message += message.substr(message.size() - bytes.size() - sizeof(wire::RecordHeader));
    const auto size = static_cast<std::uint32_t>(message.size());
    std::memcpy(message.data() + offsetof(wire::Header, size), &size, sizeof size);
    expect_refused(message, "field " + std::to_string(tag) + " is repeated");
  }
}

TEST(DecodeRequest, RefusesEveryTruncation) {
  const std::string whole = sample_request();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_request(std::string_view(whole).substr(0, size)).has_value()) << size;
    // Also with a header that owns up to the shorter size: only optional records may go, and only
    // whole ones, so what is accepted must have been cut at a record's end.
    std::string shorter = whole.substr(0, size);
    if (size < kHeaderSize) continue;
    const auto claimed = static_cast<std::uint32_t>(size);
    std::memcpy(shorter.data() + offsetof(wire::Header, size), &claimed, sizeof claimed);
    const auto request = decode_request(shorter);
    if (request) {
      EXPECT_EQ(request->node, "node2") << size;
    }
  }
}

TEST(DecodeRequest, RefusesBytesAfterTheEnd) {
  expect_refused(sample_request() + std::string(8, '\0'), "size does not fit");
}

TEST(DecodeRequest, RefusesAnotherMagicOrVersion) {
  std::string message = sample_request();
  message[0] = 'X';
  expect_refused(message, "wrong magic");
  message = sample_request();
  message[offsetof(wire::Header, version)] = 1;
  expect_refused(message, "version 1 instead of 3");
}

TEST(DecodeRequest, RefusesUnknownTags) {
  for (const std::uint32_t tag : {0U, 16U, 31U, 32U, 64U, 0xffffffffU}) {
    expect_refused(with_record(tag, as_bytes_of(1)), "unknown field");
  }
}

TEST(DecodeRequest, RefusesNumbersOfAnotherSize) {
  expect_refused(with_record(wire::kTagUid, ""), "field 1 is not a number");
  expect_refused(with_record(wire::kTagUid, "\1\0\0"), "field 1 is not a number");
  expect_refused(with_record(wire::kTagFlags, std::string(8, '\0')), "field 15 is not a number");
  expect_refused(with_record(wire::kTagFlags, as_bytes_of(64)), "unknown flags");
  expect_refused(with_record(wire::kTagFlags, as_bytes_of(0x80000000U)), "unknown flags");
}

TEST(DecodeRequest, RefusesBadText) {
  expect_refused(with_record(wire::kTagImage, ""), "field 9 is empty");
  expect_refused(with_record(wire::kTagImage, std::string_view("/a\0b", 4)), "has a NUL");
  expect_refused(with_record(wire::kTagImage, std::string(wire::kMaxString + 1, 'a')),
                 "field 9 is too long");
  expect_refused(with_record(wire::kTagCwd, "home"), "not an absolute path");
  expect_refused(with_record(wire::kTagBatchScript, "script"), "not an absolute path");
  expect_refused(with_record(wire::kTagBind, std::string_view("\0", 1)), "has a NUL");
  expect_refused(with_record(wire::kTagVariable, ""), "field 11 is empty");
  expect_refused(with_record(wire::kTagWorkdir, "work"), "not an absolute path");
}

TEST(DecodeRequest, TakesTextAndListsAtTheirCaps) {
  RequestWriter writer(big_buffer());
  write_required(writer, wire::kTagGroups);
  writer.numbers(wire::kTagGroups, std::vector<std::uint32_t>(wire::kMaxGroups, 5));
  for (std::size_t i = 0; i < wire::kMaxBinds; ++i) {
    writer.text(wire::kTagBind, std::string(wire::kMaxString, 'b'));
  }
  for (std::size_t i = 0; i < wire::kMaxVariables; ++i) {
    writer.text(wire::kTagVariable, std::string(wire::kMaxString, 'v'));
  }
  for (const wire::Tag tag : {wire::kTagBatchScript, wire::kTagWorkdir, wire::kTagImage}) {
    writer.text(tag, "/" + std::string(wire::kMaxString - 1, 's'));
  }
  writer.text(wire::kTagSigner, std::string(wire::kMaxString, 's'));
  const std::string message = finished(writer);
  ASSERT_FALSE(message.empty()) << "the largest request does not fit its cap";
  const auto request = decode_request(message);
  ASSERT_TRUE(request.has_value()) << request.error().line();
  EXPECT_EQ(request->groups.size(), wire::kMaxGroups);
  EXPECT_EQ(request->binds.size(), wire::kMaxBinds);
  EXPECT_EQ(request->variables.size(), wire::kMaxVariables);
}

TEST(DecodeRequest, RefusesOneMoreThanTheCaps) {
  expect_refused(with_record(wire::kTagGroups, std::string(4 * (wire::kMaxGroups + 1), '\1')),
                 "too many groups");
  expect_refused(with_record(wire::kTagGroups, "\1\0\0\0\2"), "not whole numbers");
  RequestWriter writer(big_buffer());
  write_required(writer);
  for (std::size_t i = 0; i <= wire::kMaxBinds; ++i) writer.text(wire::kTagBind, "/b");
  expect_refused(finished(writer), "too many binds");
  RequestWriter other(big_buffer());
  write_required(other);
  for (std::size_t i = 0; i <= wire::kMaxVariables; ++i) other.text(wire::kTagVariable, "A=b");
  expect_refused(finished(other), "too many variables");
  expect_refused(std::string(wire::kMaxMessage + 1, '\0'), "too long");
}

TEST(DecodeRequest, SurvivesEveryFlippedBit) {
  const std::string whole = sample_request();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto request = decode_request(damaged);
    if (bit < kHeaderSize * 8) {
      EXPECT_FALSE(request.has_value()) << "header bit " << bit;
    } else if (request) {
      EXPECT_EQ(request->cwd.front(), '/') << bit;
      EXPECT_FALSE(request->node.empty()) << bit;
    }
  }
}

}  // namespace
}  // namespace sifguard
