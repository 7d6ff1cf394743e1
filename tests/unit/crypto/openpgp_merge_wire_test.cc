// Questions about a key and their answers: round trips, and what is refused.
#include "keystore/crypto/openpgp_merge_wire.h"

#include <gtest/gtest.h>

#include <functional>

namespace sifguard {
namespace {

OpenPgpKey key() {
  OpenPgpKey one;
  one.fingerprint = std::string(40, 'A');
  one.user_id = "Alice \xff\n";
  one.algorithm = "ed25519";
  one.created = 5;
  one.expires = 7;
  one.revoked = true;
  one.parts = {{one.fingerprint, 5, 7, true, false, true},
               {std::string(40, 'B'), 6, 0, false, true, false}};
  return one;
}

PgpMerged sample() {
  return {key().fingerprint, false, key(), key(),
          "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxx\n-----END PGP PUBLIC KEY BLOCK-----\n"};
}

TEST(PgpMergeWire, QuestionsSurvive) {
  const PgpMergeRequest request{std::string("\0\xff", 2), "AB CD", "stored"};
  const std::string data = encode_merge_request(request).value();
  EXPECT_TRUE(is_merge_request(data));
  EXPECT_FALSE(is_merge_request("SGPQ\x01"));
  const auto back = decode_merge_request(data);
  ASSERT_TRUE(back) << back.error().line();
  EXPECT_EQ(back->added, request.added);
  EXPECT_EQ(back->fingerprint, "AB CD");
  EXPECT_EQ(back->stored, "stored");
  for (std::size_t size = 0; size < data.size(); ++size) {
    EXPECT_FALSE(decode_merge_request(data.substr(0, size)));
  }
  EXPECT_FALSE(decode_merge_request(data + "x"));
  EXPECT_FALSE(encode_merge_request({std::string(kMaxMergePart + 1, 'x'), "", ""}));
  EXPECT_FALSE(encode_merge_request({"", std::string(300, 'A'), ""}));
}

TEST(PgpMergeWire, AnswersSurvive) {
  const std::string data = encode_merged(sample()).value();
  const auto back = decode_merged(data);
  ASSERT_TRUE(back) << back.error().line();
  EXPECT_EQ(back->names, sample().names);
  EXPECT_EQ(back->armored, sample().armored);
  EXPECT_EQ(back->after->user_id, key().user_id);
  EXPECT_TRUE(back->before->revoked && !back->before->expired);
  EXPECT_EQ(back->after->parts, key().parts);
  for (std::size_t size = 0; size < data.size(); ++size) {
    EXPECT_FALSE(decode_merged(data.substr(0, size)));
  }
  EXPECT_FALSE(decode_merged(data + "x"));
  EXPECT_FALSE(back->left_out);
  PgpMerged partly = sample();
  partly.left_out = true;
  EXPECT_TRUE(decode_merged(encode_merged(partly).value())->left_out);
  PgpMerged nothing;
  nothing.names = std::string(16, '0');
  nothing.revocation = true;
  const auto alone = decode_merged(encode_merged(nothing).value());
  ASSERT_TRUE(alone);
  EXPECT_TRUE(alone->revocation);
  EXPECT_FALSE(alone->before || alone->after);
}

TEST(PgpMergeWire, AnswersThatContradictThemselvesAreRefused) {
  const auto refused = [](const std::function<void(PgpMerged&)>& spoil) {
    PgpMerged merged = sample();
    spoil(merged);
    const auto back = decode_merged(encode_merged(merged).value());
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code(), Code::refused);
  };
  refused([](PgpMerged& m) { m.names = std::string(40, 'B'); });
  refused([](PgpMerged& m) { m.names = "../../etc"; });
  refused([](PgpMerged& m) { m.after->fingerprint = std::string(40, 'B'); });
  refused([](PgpMerged& m) { m.before->fingerprint = std::string(40, 'a'); });
  refused([](PgpMerged& m) { m.after->parts.clear(); });
  refused([](PgpMerged& m) { std::swap(m.after->parts[0], m.after->parts[1]); });
  refused([](PgpMerged& m) { m.after->created = -1; });
  refused([](PgpMerged& m) { m.after->parts[1].expires = -1; });
  refused([](PgpMerged& m) { m.after.reset(); });
  refused([](PgpMerged& m) { m.armored = "key"; });
  refused([](PgpMerged& m) { m.armored.clear(); });
  PgpMerged large = sample();
  large.armored.resize(kMaxMergePart + 1, 'x');
  EXPECT_FALSE(encode_merged(large));
}

TEST(PgpMergeWire, FailuresKeepTheirWords) {
  const auto back = decode_merged(encode_merge_failure({Code::usage, "two keys", "pick one"}));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code(), Code::usage);
  EXPECT_EQ(back.error().line(), "two keys; pick one");
  EXPECT_EQ(decode_merged("").error().code(), Code::refused);
}

}  // namespace
}  // namespace sifguard
