// Signing as a whole: what the verifier finds in the result, and what refuses without a trace.
#include "helper/tools/sign_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "helper/sif/image.h"
#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/verifier.h"
#include "keystore/base/text.h"
#include "tests/unit/base/temp_dir.h"
#include "tests/unit/sif/sif_builder.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1800000000;

/// Signs with gpg, as somebody who has `id`.
class GpgSigner final : public Signer {
 public:
  GpgSigner(const test::TestGpg& gpg, std::string id) : gpg_(gpg), id_(std::move(id)) {}
  [[nodiscard]] const std::string& id() const noexcept override { return id_; }
  [[nodiscard]] std::string policy_name() const override { return id_; }
  [[nodiscard]] std::string_view form() const noexcept override { return "openpgp"; }
  [[nodiscard]] Result<SignatureData> sign(std::string_view statement) override {
    if (fails) return fail(Code::refused, "the key is not willing");
    SignatureData made;
    made.data = gpg_.clearsign(std::string(statement), id_);
    const auto bytes = from_hex(id_);
    std::copy(bytes->begin(), bytes->end(), made.fingerprint.begin());
    return made;
  }
  bool fails = false;

 private:
  const test::TestGpg& gpg_;
  std::string id_;
};

class SignImage : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    gpg_ = new test::TestGpg();
    alice_ = gpg_->generate("alice");
    bob_ = gpg_->generate("bob");
  }
  static void TearDownTestSuite() { delete gpg_; }

  void SetUp() override {
    ASSERT_TRUE(prepare_digests());
    test::ObjectSpec second;
    second.group = 2;
    test::SifBuilder builder = test::plain_image();
    write(builder.add(second));
  }
  void write(const test::SifBuilder& builder) {
    before_ = builder.build();
    test::write_file(path_, before_);
  }
  Result<SignResult> sign(const std::string& id, bool replace = false,
                          std::optional<std::uint32_t> group = std::nullopt) {
    SignRequest request;
    request.image = path_;
    request.group = group;
    request.replace = replace;
    request.now = kNow;
    return sign_image(request, [&]() -> Result<std::unique_ptr<Signer>> {
      auto signer = std::make_unique<GpgSigner>(*gpg_, id);
      signer->fails = unwilling_;
      return signer;
    });
  }
  void expect_refused(const Result<SignResult>& result, const std::string& text) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Code::refused);
    EXPECT_THAT(result.error().line(), HasSubstr(text));
  }
  void expect_untouched() const {
    EXPECT_TRUE(test::read_file(path_) == before_);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_.path()), {}), 1);
  }
  [[nodiscard]] VerifierReport report() const {
    const UniqueFd fd = test::file_of(test::read_file(path_));
    return verify_image(fd.get()).value();
  }

  // NOLINTNEXTLINE(*-avoid-non-const-global-variables)
  static inline test::TestGpg* gpg_ = nullptr;
  static inline std::string alice_, bob_;  // NOLINT(*-avoid-non-const-global-variables)
  test::TempDir dir_;
  std::string path_ = dir_ / "image.sif";
  std::string before_;
  bool unwilling_ = false;
};

TEST_F(SignImage, EveryGroupGetsASignatureThatFits) {
  const auto result = sign(alice_);
  ASSERT_TRUE(result) << result.error().line();
  ASSERT_EQ(result->signatures.size(), 2U);
  EXPECT_THAT(result->signatures[0].covered, ElementsAre(1, 2));
  EXPECT_THAT(result->signatures[1].covered, ElementsAre(3));
  EXPECT_EQ(result->signer, alice_);
  EXPECT_THAT(result->removed, IsEmpty());
  EXPECT_THAT(result->ungrouped, IsEmpty());
  EXPECT_TRUE(result->owner_kept);
  const VerifierReport found = report();
  ASSERT_EQ(found.signatures.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const SignatureReport& signature = found.signatures[i];
    EXPECT_EQ(signature.statement, StatementStatus::fits) << signature.note;
    EXPECT_EQ(signature.object_id, result->signatures[i].object_id);
    EXPECT_EQ(signature.group_id, result->signatures[i].group);
    EXPECT_EQ(signature.covered, result->signatures[i].covered);
    EXPECT_EQ(signature.claimed, alice_);
  }
}

TEST_F(SignImage, OneGroupAlone) {
  const auto result = sign(alice_, false, 2);
  ASSERT_TRUE(result) << result.error().line();
  ASSERT_EQ(report().signatures.size(), 1U);
  EXPECT_EQ(report().signatures[0].group_id, 2U);
}

TEST_F(SignImage, ManySignersStandSideBySide) {
  ASSERT_TRUE(sign(alice_));
  ASSERT_TRUE(sign(bob_));
  const VerifierReport found = report();
  ASSERT_EQ(found.signatures.size(), 4U);
  for (const SignatureReport& signature : found.signatures) {
    EXPECT_EQ(signature.statement, StatementStatus::fits);
  }
}

TEST_F(SignImage, TheSameSignerIsRefusedUnlessItReplaces) {
  ASSERT_TRUE(sign(alice_, false, 1));
  ASSERT_TRUE(sign(bob_, false, 1));
  before_ = test::read_file(path_);
  expect_refused(sign(alice_), "group 1 carries a signature by " + alice_ + " already, object 4");
  expect_untouched();
  const auto again = sign(alice_, true);
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_THAT(again->removed, ElementsAre(4));
  const VerifierReport found = report();
  ASSERT_EQ(found.signatures.size(), 3U);
  for (const SignatureReport& signature : found.signatures) {
    EXPECT_EQ(signature.statement, StatementStatus::fits) << signature.note;
  }
}

TEST_F(SignImage, ReplacesASignatureThatFitsNoMore) {
  ASSERT_TRUE(sign(alice_));
  std::string changed = test::read_file(path_);
  changed[changed.find("bootstrap")] ^= 1;
  test::write_file(path_, changed);
  EXPECT_EQ(report().signatures[0].statement, StatementStatus::does_not_fit);
  ASSERT_TRUE(sign(alice_, true));
  for (const SignatureReport& signature : report().signatures) {
    EXPECT_EQ(signature.statement, StatementStatus::fits) << signature.note;
  }
}

TEST_F(SignImage, SaysWhichObjectsNoSignatureCovers) {
  test::ObjectSpec loose;
  loose.group = 0;
  test::SifBuilder builder = test::plain_image();
  write(builder.add(loose));
  EXPECT_THAT(sign(alice_).value().ungrouped, ElementsAre(3));
}

TEST_F(SignImage, RefusesWhatCannotBeSigned) {
  expect_refused(sign(alice_, false, 3), "image.sif: the image has no group 3");
  expect_untouched();
  write(test::SifBuilder());
  expect_refused(sign(alice_), "image.sif: the image has no group of objects to sign");
  expect_untouched();
  test::SifBuilder full = test::plain_image();
  full.rows = 2;
  write(full);
  expect_refused(sign(alice_), "1 signatures do not fit: the image has 0 free descriptors");
  expect_untouched();
}

TEST_F(SignImage, AddsNoMoreThanAVerifierReads) {
  test::SifBuilder builder = test::plain_image();
  builder.rows = 100;
  for (int i = 0; i < 64; ++i) builder.add(test::signature_of("x"));
  write(builder);
  expect_refused(sign(alice_), "more than 64 signatures");
  expect_untouched();
}

TEST_F(SignImage, RefusesUnsoundImages) {
  before_[32] = 'X';
  test::write_file(path_, before_);
  expect_refused(sign(alice_), "image.sif: not a SIF image");
  expect_untouched();
}

TEST_F(SignImage, ASignerThatFailsLeavesNoTrace) {
  unwilling_ = true;
  expect_refused(sign(alice_), "the key is not willing");
  expect_untouched();
}

TEST_F(SignImage, AsksForTheSignerOnlyWhenTheImageIsWorthIt) {
  test::write_file(path_, "no image");
  SignRequest request;
  request.image = path_;
  bool asked = false;
  const auto result = sign_image(request, [&]() -> Result<std::unique_ptr<Signer>> {
    asked = true;
    return fail(Code::usage, "asked");
  });
  EXPECT_FALSE(result);
  EXPECT_FALSE(asked);
}

}  // namespace
}  // namespace sifguard
