// The verifier's report: round trip, and what root refuses to believe.
#include "helper/verify/wire/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace sifguard {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kSize = 100000;

VerifierReport sample() {
  VerifierReport report;
  report.image_size = kSize;
  report.groups = {{1, {1, 2, 5}}, {3, {9}}};
  report.ungrouped = {7, 8};
  report.primary_partition_id = 2;
  report.primary_fstype = 6;
  report.primary = {8192, 50000};
  report.architecture = "amd64";
  report.message = CryptoMessageFact{5000, 700};
  SignatureReport fits;
  fits.object_id = 10;
  fits.group_id = 1;
  fits.statement = StatementStatus::fits;
  fits.header_fits = true;
  fits.claimed = std::string(40, 'A');
  fits.covered = {1, 2, 5};
  fits.signed_text = "{}";
  fits.signature = "armor";
  SignatureReport weak;
  weak.object_id = 11;
  weak.form = SignatureForm::legacy;
  weak.statement = StatementStatus::weak;
  weak.note = "the 'x\\x1b' form";
  SignatureReport legacy = fits;
  legacy.object_id = 12;
  legacy.form = SignatureForm::legacy;
  legacy.header_fits = false;
  legacy.covered = {5};
  legacy.signed_text = "SIFHASH:\r\n00";
  SignatureReport dsse = fits;
  dsse.object_id = 13;
  dsse.form = SignatureForm::dsse;
  dsse.signed_text = "DSSEv1 40 application/vnd.sylabs.sif-metadata+json 2 {}";
  dsse.signature = std::string("\0raw", 4);
  dsse.key_hint = "SHA256:x";
  SignatureReport second = dsse;
  second.signature = "other";
  second.key_hint.clear();
  report.signatures = {fits, weak, legacy, dsse, second};
  return report;
}

TEST(Report, SurvivesTheWire) {
  const auto report = decode_report(encode_report(sample()), kSize);
  ASSERT_TRUE(report) << report.error().line();
  EXPECT_EQ(encode_report(*report), encode_report(sample()));
  EXPECT_EQ(report->groups[0].objects, sample().groups[0].objects);
  EXPECT_EQ(report->signatures[1].note, "the 'x\\x1b' form");
  EXPECT_EQ(report->message->size, 700U);
}

TEST(Report, TakesEncryptionWithAPassphrase) {
  VerifierReport report = sample();
  report.message.reset();
  const auto decoded = decode_report(encode_report(report), kSize);
  ASSERT_TRUE(decoded) << decoded.error().line();
  EXPECT_FALSE(decoded->message);
}

TEST(Report, TakesAnEnvelopeOfSixteen) {
  VerifierReport report = sample();
  report.signatures.insert(report.signatures.end(), 14, report.signatures[4]);
  EXPECT_TRUE(decode_report(encode_report(report), kSize));
}

TEST(Report, RefusesEveryTruncationAndEveryExtension) {
  const std::string data = encode_report(sample());
  for (std::size_t size = 0; size < data.size(); ++size) {
    const auto report = decode_report(data.substr(0, size), kSize);
    ASSERT_FALSE(report) << size;
    EXPECT_EQ(report.error().code(), Code::refused);
  }
  EXPECT_FALSE(decode_report(data + std::string(1, '\0'), kSize));
}

TEST(Report, SurvivesFlippedBitsWithoutMisreading) {
  const std::string data = encode_report(sample());
  for (std::size_t i = 0; i < data.size() * 8; ++i) {
    std::string flipped = data;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    const auto report = decode_report(flipped, kSize);
    if (report) {
      EXPECT_EQ(encode_report(*report), flipped) << "bit " << i;
    }
  }
}

TEST(Report, CarriesFailuresMadeSafe) {
  const Error error(Code::refused, "bad \x1b[31m name\n", "do 'x'");
  const auto report = decode_report(encode_report_failure(error), kSize);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), Code::refused);
  EXPECT_EQ(report.error().what(), "bad \\x1b[31m name\\x0a");
  EXPECT_EQ(report.error().remedy(), "do 'x'");
  const Error escaped(Code::no_input, "object 'a\\x1b'");
  EXPECT_EQ(decode_report(encode_report_failure(escaped), kSize).error().what(), "object 'a\\x1b'");
}

TEST(Report, RefusesFailuresThatAreNot) {
  const std::string good = encode_report_failure(Error(Code::temporary, "w", "r"));
  EXPECT_EQ(decode_report(good, kSize).error().code(), Code::temporary);
  for (const int code : {0, 1, 2, 63, 71, 255}) {
    std::string bad = good;
    bad[6] = static_cast<char>(code);
    EXPECT_THAT(decode_report(bad, kSize).error().what(), HasSubstr("malformed answer")) << code;
  }
  std::string raw = good;
  raw[raw.find('w')] = '\x1b';
  EXPECT_THAT(decode_report(raw, kSize).error().what(), HasSubstr("malformed answer"));
  EXPECT_THAT(decode_report(good + "x", kSize).error().what(), HasSubstr("malformed answer"));
}

struct Lie {
  std::string name;
  std::function<void(VerifierReport&)> tell;
};
void PrintTo(const Lie& lie, std::ostream* out) {
  *out << lie.name;
}

const std::vector<Lie> kLies = {
    {"other_size", [](auto& r) { r.image_size = kSize + 1; }},
    {"group_zero", [](auto& r) { r.groups[0].id = 0; }},
    {"groups_descending", [](auto& r) { std::swap(r.groups[0], r.groups[1]); }},
    {"group_twice", [](auto& r) { r.groups[1].id = 1; }},
    {"group_empty", [](auto& r) { r.groups[1].objects.clear(); }},
    {"object_zero", [](auto& r) { r.groups[0].objects[0] = 0; }},
    {"object_twice_in_group", [](auto& r) { r.groups[0].objects[1] = 1; }},
    {"object_in_two_groups", [](auto& r) { r.groups[1].objects[0] = 5; }},
    {"object_grouped_and_not", [](auto& r) { r.ungrouped = {5}; }},
    {"signature_is_an_object", [](auto& r) { r.signatures[0].object_id = 7; }},
    {"signature_twice", [](auto& r) { r.signatures[1].object_id = 10; }},
    {"signature_zero", [](auto& r) { r.signatures[0].object_id = 0; }},
    {"primary_is_nowhere", [](auto& r) { r.primary_partition_id = 77; }},
    {"primary_is_a_signature", [](auto& r) { r.primary_partition_id = 10; }},
    {"no_primary_but_fstype", [](auto& r) { r.primary_partition_id = 0; }},
    {"no_primary_but_a_place",
     [](auto& r) {
       r.message.reset();
       r.primary_partition_id = 0;
       r.primary_fstype = 0;
     }},
    {"primary_outside", [](auto& r) { r.primary.offset = kSize - 49999; }},
    {"primary_far_outside", [](auto& r) { r.primary.offset = UINT64_MAX - 10; }},
    {"primary_too_long", [](auto& r) { r.primary.size = UINT64_MAX - 8191; }},
    {"primary_empty", [](auto& r) { r.primary.size = 0; }},
    {"fstype_zero", [](auto& r) { r.primary_fstype = 0; }},
    {"fstype_unknown", [](auto& r) { r.primary_fstype = 7; }},
    {"fstype_negative", [](auto& r) { r.primary_fstype = -1; }},
    {"message_without_encryption", [](auto& r) { r.primary_fstype = 1; }},
    {"message_outside", [](auto& r) { r.message->offset = kSize - 699; }},
    {"message_far_outside", [](auto& r) { r.message->offset = UINT64_MAX - 10; }},
    {"message_empty", [](auto& r) { r.message->size = 0; }},
    {"message_huge", [](auto& r) { r.message->size = 65537; }},
    {"architecture_strange", [](auto& r) { r.architecture = "am\x1b"; }},
    {"architecture_long", [](auto& r) { r.architecture = std::string(17, 'a'); }},
    {"covers_stranger",
     [](auto& r) {
       r.signatures[0].covered = {1, 2, 9};
     }},
    {"covers_twice",
     [](auto& r) {
       r.signatures[0].covered = {1, 1};
     }},
    {"fits_but_covers_nothing", [](auto& r) { r.signatures[0].covered.clear(); }},
    {"fits_but_header_does_not", [](auto& r) { r.signatures[0].header_fits = false; }},
    {"fits_no_group", [](auto& r) { r.signatures[0].group_id = 0; }},
    {"fits_unknown_group", [](auto& r) { r.signatures[0].group_id = 2; }},
    {"fits_without_text", [](auto& r) { r.signatures[0].signed_text.clear(); }},
    {"fits_without_signature", [](auto& r) { r.signatures[0].signature.clear(); }},
    {"fits_but_legacy", [](auto& r) { r.signatures[0].form = SignatureForm::legacy; }},
    {"fits_but_dsse", [](auto& r) { r.signatures[0].form = SignatureForm::dsse; }},
    {"openpgp_of_other_text", [](auto& r) { r.signatures[0].signed_text = "I owe you"; }},
    {"openpgp_of_legacy_text",
     [](auto& r) { r.signatures[0].signed_text = r.signatures[2].signed_text; }},
    {"openpgp_with_hint", [](auto& r) { r.signatures[0].key_hint = "k"; }},
    {"weak_with_text", [](auto& r) { r.signatures[1].signed_text = "SIFHASH:\r\n00"; }},
    {"weak_with_hint", [](auto& r) { r.signatures[1].key_hint = "k"; }},
    {"weak_with_header", [](auto& r) { r.signatures[1].header_fits = true; }},
    {"legacy_with_header", [](auto& r) { r.signatures[2].header_fits = true; }},
    {"legacy_covers_nothing", [](auto& r) { r.signatures[2].covered.clear(); }},
    {"legacy_covers_stranger", [](auto& r) { r.signatures[2].covered = {9}; }},
    {"legacy_of_no_group", [](auto& r) { r.signatures[2].group_id = 0; }},
    {"legacy_of_other_text", [](auto& r) { r.signatures[2].signed_text = "SIFHASH:\n00"; }},
    {"legacy_twice", [](auto& r) { r.signatures.push_back(r.signatures[2]); }},
    {"legacy_with_hint", [](auto& r) { r.signatures[2].key_hint = "k"; }},
    {"dsse_of_other_type",
     [](auto& r) { r.signatures[3].signed_text = "DSSEv1 28 application/vnd.in-toto+json 2 {}"; }},
    {"dsse_without_header", [](auto& r) { r.signatures[3].header_fits = false; }},
    {"dsse_hint_long", [](auto& r) { r.signatures[3].key_hint = std::string(129, 'k'); }},
    {"dsse_hint_not_ascii", [](auto& r) { r.signatures[3].key_hint = "k\xc3\xa9"; }},
    {"dsse_hint_with_escape", [](auto& r) { r.signatures[3].key_hint = "\x1b[2J"; }},
    {"envelope_of_two_texts", [](auto& r) { r.signatures[4].signed_text += " "; }},
    {"envelope_of_two_groups", [](auto& r) { r.signatures[4].group_id = 3; }},
    {"envelope_that_covers_differently", [](auto& r) { r.signatures[4].covered = {1}; }},
    {"envelope_of_two_minds",
     [](auto& r) { r.signatures[4].statement = StatementStatus::does_not_fit; }},
    {"envelope_of_two_claims", [](auto& r) { r.signatures[4].claimed.clear(); }},
    {"envelope_apart", [](auto& r) { std::swap(r.signatures[0], r.signatures[4]); }},
    {"envelope_and_openpgp",
     [](auto& r) {
       r.signatures[0].object_id = 13;
       std::swap(r.signatures[0], r.signatures[2]);
     }},
    {"envelope_of_seventeen",
     [](auto& r) { r.signatures.insert(r.signatures.end(), 15, r.signatures[4]); }},
    {"malformed_twice",
     [](auto& r) {
       r.signatures[1].form = SignatureForm::dsse;
       r.signatures.push_back(r.signatures[1]);
     }},
    {"unsupported_covers",
     [](auto& r) {
       r.signatures[1].group_id = 1;
       r.signatures[1].covered = {1};
     }},
    {"form_zero", [](auto& r) { r.signatures[1].form = static_cast<SignatureForm>(0); }},
    {"form_four", [](auto& r) { r.signatures[1].form = static_cast<SignatureForm>(4); }},
    {"status_zero", [](auto& r) { r.signatures[1].statement = static_cast<StatementStatus>(0); }},
    {"status_six", [](auto& r) { r.signatures[1].statement = static_cast<StatementStatus>(6); }},
    {"note_with_escape", [](auto& r) { r.signatures[1].note = "\x1b[2J"; }},
    {"claimed_short", [](auto& r) { r.signatures[0].claimed = "ABCD"; }},
    {"claimed_not_hex", [](auto& r) { r.signatures[0].claimed = std::string(40, 'G'); }},
    {"too_many_signatures",
     [](auto& r) {
       for (std::uint32_t i = 0; i < kMaxSignatures; ++i) {
         SignatureReport one = r.signatures[1];
         one.object_id = 100 + i;
         r.signatures.push_back(one);
       }
     }},
    {"too_many_objects",
     [](auto& r) {
       for (std::uint32_t i = 0; i < kMaxObjects; ++i) r.ungrouped.push_back(1000 + i);
     }},
};

class Lies : public ::testing::TestWithParam<Lie> {};

TEST_P(Lies, AreNotBelieved) {
  VerifierReport report = sample();
  GetParam().tell(report);
  const auto decoded = decode_report(encode_report(report), kSize);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code(), Code::refused);
  EXPECT_THAT(decoded.error().what(), HasSubstr("malformed answer"));
}

INSTANTIATE_TEST_SUITE_P(Report, Lies, ::testing::ValuesIn(kLies),
                         [](const auto& param_info) { return param_info.param.name; });

VerifierReport oci_sample() {
  VerifierReport report = sample();
  report.primary_partition_id = 0;
  report.primary_fstype = 0;
  report.primary = {};
  report.message.reset();
  report.oci = OciFact{{{8192, 5000}, {14000, 1}}, {"A=1", "B="}, {"/bin/sh", ""}, {}, "/srv"};
  return report;
}

TEST(Report, OfAnOciImageSurvivesTheWire) {
  const auto report = decode_report(encode_report(oci_sample()), kSize);
  ASSERT_TRUE(report) << report.error().line();
  ASSERT_TRUE(report->oci);
  EXPECT_EQ(report->oci->layers[1].offset, 14000U);
  EXPECT_EQ(report->oci->env[1], "B=");
  EXPECT_EQ(report->oci->working_dir, "/srv");
  EXPECT_EQ(encode_report(*report), encode_report(oci_sample()));
}

const std::vector<Lie> kOciLies = {
    {"with_a_primary", [](auto& r) { r.primary_partition_id = 2; }},
    {"with_a_whole_primary",
     [](auto& r) {
       r.primary_partition_id = 2;
       r.primary_fstype = 1;
       r.primary = {8192, 5000};
     }},
    {"with_a_message",
     [](auto& r) {
       r.message = CryptoMessageFact{5000, 700};
     }},
    {"no_layers", [](auto& r) { r.oci->layers.clear(); }},
    {"many_layers",
     [](auto& r) {
       r.oci->layers.resize(129, {8192, 1});
     }},
    {"empty_layer", [](auto& r) { r.oci->layers[0].size = 0; }},
    {"layer_outside", [](auto& r) { r.oci->layers[1].offset = kSize; }},
    {"layer_far_outside", [](auto& r) { r.oci->layers[1].size = UINT64_MAX - 13999; }},
    {"variable_without_value", [](auto& r) { r.oci->env[0] = "A"; }},
    {"variable_without_name", [](auto& r) { r.oci->env[0] = "=1"; }},
    {"nul", [](auto& r) { r.oci->entrypoint[0] += '\0'; }},
    {"nul_in_a_variable", [](auto& r) { r.oci->env[0] += '\0'; }},
    {"relative_directory", [](auto& r) { r.oci->working_dir = "srv"; }},
    {"many_words", [](auto& r) { r.oci->cmd.resize(kMaxOciWords); }},
    {"long_words", [](auto& r) { r.oci->cmd = {std::string(kMaxOciText, 'x')}; }},
};

class OciLies : public ::testing::TestWithParam<Lie> {};

TEST_P(OciLies, AreNotBelieved) {
  VerifierReport report = oci_sample();
  GetParam().tell(report);
  EXPECT_FALSE(decode_report(encode_report(report), kSize));
}

INSTANTIATE_TEST_SUITE_P(Report, OciLies, ::testing::ValuesIn(kOciLies),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(Report, RefusesCountsThatTheDataCannotHold) {
  const std::string head = std::string("SGVR\x04\x01", 6) + std::string(8, '\0');
  EXPECT_FALSE(decode_report(head + std::string("\xff\xff\xff\xff", 4), 0));
  EXPECT_FALSE(decode_report(head + std::string("\x00\x10\x00\x00", 4), 0));
  EXPECT_FALSE(decode_report("", 0));
}

}  // namespace
}  // namespace sifguard
