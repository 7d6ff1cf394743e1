// Clearsigned frames: what is taken apart, and every liberty that is refused.
#include "helper/verify/sandbox/pgp_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sif/sif_builder.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

const std::string kArmor =
    "-----BEGIN PGP SIGNATURE-----\n\nwsBzBAEBCAAnBYJe+oD0CRCiDCfuf/e6\nAAA=\n=aIKA\n"
    "-----END PGP SIGNATURE-----\n";

std::string frame(const std::string& text, const std::string& headers = "Hash: SHA256\n",
                  const std::string& armor = kArmor) {
  return "-----BEGIN PGP SIGNED MESSAGE-----\n" + headers + "\n" + text + "\n" + armor;
}

TEST(Clearsigned, GivesTextAndSignature) {
  const auto message = parse_clearsigned(frame("{\"a\":1}"));
  ASSERT_TRUE(message) << message.error().line();
  EXPECT_EQ(message->statement, "{\"a\":1}");
  EXPECT_EQ(message->signed_text, "{\"a\":1}");
  EXPECT_EQ(message->signature, kArmor);
}

TEST(Clearsigned, JoinsLinesByCrlfAndStripsTrailingBlanks) {
  const auto message = parse_clearsigned(frame("SIFHASH: \t\nabc  \n\n x"));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->signed_text, "SIFHASH:\r\nabc\r\n\r\n x");
  EXPECT_EQ(message->statement, "SIFHASH:\nabc\n\n x");
}

TEST(Clearsigned, TakesCrlfLineEndsLikeLf) {
  std::string text;
  for (const char c : frame("one\n- -two"))
    text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const auto message = parse_clearsigned(text);
  ASSERT_TRUE(message) << message.error().line();
  EXPECT_EQ(message->signed_text, "one\r\n-two");
  EXPECT_EQ(message->signature, kArmor);
}

TEST(Clearsigned, RemovesDashEscapesOnce) {
  const auto message = parse_clearsigned(frame("- -----BEGIN PGP SIGNATURE-----\n- - x\n- "));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->statement, "-----BEGIN PGP SIGNATURE-----\n- x\n");
}

TEST(Clearsigned, TakesSixteenLinesAtMost) {
  std::string text = "1";
  for (int i = 2; i <= 16; ++i) text += "\n" + std::to_string(i);
  EXPECT_TRUE(parse_clearsigned(frame(text)));
  EXPECT_THAT(parse_clearsigned(frame(text + "\n17")).error().what(), HasSubstr("too many lines"));
}

TEST(Clearsigned, TakesNoHashHeaderOrSeveral) {
  EXPECT_TRUE(parse_clearsigned(frame("x", "")));
  EXPECT_TRUE(parse_clearsigned(frame("x", "Hash: SHA256,SHA512\nHash: SHA384, SHA1\n")));
}

TEST(Clearsigned, DropsTheArmorHeadersOfTheSignature) {
  std::string armor = kArmor;
  armor.replace(armor.find("\n\n"), 2, "\nVersion: GnuPG v2\nComment: x\n\n");
  const auto message = parse_clearsigned(frame("x", "", armor));
  ASSERT_TRUE(message) << message.error().line();
  EXPECT_EQ(message->signature, kArmor);
}

TEST(Clearsigned, NeedsNoFinalNewlineAndNoChecksum) {
  std::string text = frame("x");
  text.pop_back();
  EXPECT_TRUE(parse_clearsigned(text));
  std::string armor = kArmor;
  armor.erase(armor.find("=aIKA\n"), 6);
  EXPECT_TRUE(parse_clearsigned(frame("x", "", armor)));
}

TEST(Clearsigned, TakesTheVectorsApart) {
  for (const char* const name : {"one-group-signed-pgp", "one-group-signed-legacy"}) {
    const std::string image = test::vector_image(name);
    SG_NEED_VECTOR(image);
    const auto message = parse_clearsigned(std::string_view(image).substr(40960));
    ASSERT_TRUE(message) << message.error().line();
    EXPECT_EQ(message->statement.find('\r'), std::string::npos);
  }
}

struct Bad {
  std::string name;
  std::string text;
  std::string complaint;
};
void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.name;
}

std::string armor_with(const std::string& body) {
  return "-----BEGIN PGP SIGNATURE-----\n\n" + body + "-----END PGP SIGNATURE-----\n";
}

const std::vector<Bad> kBad = {
    {"empty", "", "ends too early"},
    {"something_before", "\n" + frame("x"), "not the start"},
    {"space_before", " " + frame("x"), "not the start"},
    {"blank_after_begin", "-----BEGIN PGP SIGNED MESSAGE----- \n\nx\n" + kArmor, "not the start"},
    {"something_after", frame("x") + "y", "something follows the signature"},
    {"newline_after", frame("x") + "\n", "something follows the signature"},
    {"second_message_after", frame("x") + frame("y"), "something follows the signature"},
    {"second_signature", frame("x") + kArmor, "something follows the signature"},
    {"other_header", frame("x", "Comment: y\n"), "line 2: an armor header other than Hash"},
    {"header_spoof", frame("x", "Hash: SHA256\nInnocent text\n"), "other than Hash"},
    {"not_dash_escaped", frame("x", "NotDashEscaped: yes\n"), "other than Hash"},
    {"lower_case_hash", frame("x", "hash: SHA256\n"), "other than Hash"},
    {"unknown_hash", frame("x", "Hash: SHA999\n"), "other than Hash"},
    {"hash_with_text", frame("x", "Hash: SHA256 spoofed\n"), "other than Hash"},
    {"empty_hash", frame("x", "Hash: \n"), "other than Hash"},
    {"hash_comma", frame("x", "Hash: SHA256,\n"), "other than Hash"},
    {"blank_line_not_empty", frame("x", "Hash: SHA256\n \t\n"), "other than Hash"},
    {"unicode_blank_line", frame("x", "\xc2\xa0\n"), "other than Hash"},
    {"unescaped_dash", frame("-x"), "line 4: a dash that is not escaped"},
    {"unescaped_begin", frame("-----BEGIN PGP SIGNED MESSAGE-----\n\ny"), "not escaped"},
    {"begin_with_blank", frame("x\n-----BEGIN PGP SIGNATURE----- "), "not escaped"},
    {"no_text", "-----BEGIN PGP SIGNED MESSAGE-----\n\n" + kArmor, "text is empty"},
    {"no_signature", frame("x", "", ""), "ends too early"},
    {"nul", frame(std::string("a\0b", 3)), "NUL"},
    {"lone_cr", frame("a\rb"), "carriage return"},
    {"double_cr", frame("a\r\r"), "carriage return"},
    {"no_empty_line_in_armor",
     frame("x", "", "-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----\n"),
     "no empty line"},
    {"empty_signature", frame("x", "", armor_with("")), "signature is empty"},
    {"only_checksum", frame("x", "", armor_with("=aIKA\n")), "not base64"},
    {"not_base64", frame("x", "", armor_with("AA.A\n")), "not base64"},
    {"not_a_multiple", frame("x", "", armor_with("AAA\n")), "not base64"},
    {"padding_inside", frame("x", "", armor_with("AA=A\n")), "not base64"},
    {"data_after_padding", frame("x", "", armor_with("AAA=\nAAAA\n")), "not base64"},
    {"data_after_checksum", frame("x", "", armor_with("AAAA\n=aIKA\nAAAA\n")), "not base64"},
    {"two_checksums", frame("x", "", armor_with("AAAA\n=aIKA\n=aIKA\n")), "not base64"},
    {"blank_line_in_armor", frame("x", "", armor_with("AAAA\n\nAAAA\n")), "not base64"},
    {"long_line", frame("x", "", armor_with(std::string(80, 'A') + "\n")), "not base64"},
    {"public_key_block", frame("x", "", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"),
     "not escaped"},
};

class BadFrames : public ::testing::TestWithParam<Bad> {};

TEST_P(BadFrames, AreRefused) {
  const auto message = parse_clearsigned(GetParam().text);
  ASSERT_FALSE(message) << "accepted, text: " << message->statement;
  EXPECT_EQ(message.error().code(), Code::refused);
  EXPECT_THAT(message.error().what(), HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(Clearsigned, BadFrames, ::testing::ValuesIn(kBad),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(Clearsigned, RefusesEveryTruncationButTheFinalNewline) {
  const std::string text = frame("{\"a\":1}");
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_FALSE(parse_clearsigned(std::string_view(text).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace sifguard
