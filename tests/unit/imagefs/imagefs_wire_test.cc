#include "helper/imagefs/wire/imagefs_wire.h"

#include <gtest/gtest.h>

#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

std::optional<ImagefsOrder> parse(const std::vector<std::string>& words) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  return parse_imagefs_order(views);
}

TEST(ImagefsOrder, IsReadAsItWasWritten) {
  for (const SealedKind kind : {SealedKind::gocryptfs, SealedKind::luks}) {
    const auto order = parse(format_imagefs_order({kind, 4096, UINT64_MAX, 1500}));
    ASSERT_TRUE(order);
    EXPECT_EQ(order->kind, kind);
    EXPECT_EQ(order->offset, 4096U);
    EXPECT_EQ(order->size, UINT64_MAX);
    EXPECT_EQ(order->deadline_ms, 1500);
  }
}

TEST(ImagefsOrder, AnythingElseIsNone) {
  using Words = std::vector<std::string>;
  for (const Words& words : {Words{},
                             {"luks", "0", "1"},
                             {"luks", "0", "1", "2", "3"},
                             {"luks1", "0", "1", "2"},
                             {"", "0", "1", "2"},
                             {"luks", "-1", "1", "2"},
                             {"luks", "0", "x", "2"},
                             {"luks", "0", "1", "0"},
                             {"luks", "0", "1", "-5"},
                             {"luks", "0", "1 ", "2"},
                             {"luks", "0", "18446744073709551616", "2"}}) {
    EXPECT_FALSE(parse(words));
  }
}

TEST(ImagefsSecret, IsReadAsItWasWritten) {
  for (const bool content_key : {false, true}) {
    const auto text = format_imagefs_secret(content_key, test::secret("secret"));
    ASSERT_TRUE(text);
    const auto secret = parse_imagefs_secret(*text);
    ASSERT_TRUE(secret) << secret.error().line();
    EXPECT_EQ(secret->is_content_key, content_key);
    EXPECT_EQ(test::text(secret->bytes), "secret");
  }
}

TEST(ImagefsSecret, OfAWrongSizeIsNotSent) {
  const auto refused = [](std::size_t size) {
    const auto text = format_imagefs_secret(true, *SecretBytes::allocate(size));
    return !text && text.error().code() == Code::refused;
  };
  EXPECT_TRUE(refused(0));
  EXPECT_FALSE(refused(kMostSecret - 1));
  EXPECT_TRUE(refused(kMostSecret));
}

TEST(ImagefsSecret, AnythingElseIsNone) {
  const auto code = [](std::string_view text) {
    const auto secret = parse_imagefs_secret(test::secret(text));
    return secret ? std::optional<Code>() : secret.error().code();
  };
  EXPECT_EQ(code(""), Code::temporary);  // who was to give it has ended
  for (const std::string_view text : {"K", "P", "ksecret", "secret", " Psecret"}) {
    EXPECT_EQ(code(text), Code::internal) << text;
  }
}

TEST(ImagefsAnswer, IsReadAsItWasWritten) {
  const auto text = format_imagefs_answer(ImagefsAnswer{4711, test::secret("key")});
  ASSERT_TRUE(text);
  const auto answer = parse_imagefs_answer(*text);
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->size, 4711U);
  EXPECT_EQ(test::text(answer->content_key), "key");

  const auto bad = format_imagefs_answer(fail(Code::refused, "wrong\nkey", "another one"));
  ASSERT_TRUE(bad);
  const auto error = parse_imagefs_answer(*bad);
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code(), Code::refused);
  EXPECT_EQ(error.error().what(), "wrong\\x0akey");
  EXPECT_EQ(error.error().remedy(), "another one");
}

TEST(ImagefsAnswer, NoneAndNonsenseAreErrors) {
  EXPECT_EQ(parse_imagefs_answer(SecretBytes()).error().code(), Code::temporary);
  for (const char* text : {"x", "SGF1", "SGF1\1", "SGF1\3", "SGF2\1zzzzzzzzzzzz", "zzzzzzzzzzzz"}) {
    EXPECT_EQ(parse_imagefs_answer(test::secret(text)).error().code(), Code::internal) << text;
  }
}

TEST(ImagefsAnswer, APartOfItAndMoreThanItAreNone) {
  const auto whole = format_imagefs_answer(ImagefsAnswer{4711, test::secret(std::string(64, 'k'))});
  ASSERT_TRUE(whole);
  const std::string text = test::text(*whole);
  for (std::size_t size = 1; size < text.size(); ++size) {
    EXPECT_FALSE(parse_imagefs_answer(test::secret(text.substr(0, size)))) << size;
  }
  EXPECT_FALSE(parse_imagefs_answer(test::secret(text + "x")));
  const auto long_key = format_imagefs_answer(ImagefsAnswer{1, test::secret(std::string(65, 'k'))});
  EXPECT_FALSE(parse_imagefs_answer(*long_key));
}

}  // namespace
}  // namespace sifguard
