// Signed and encrypted messages: who can open them, and what becomes of changed ones. That openssl
// opens them, and that they open openssl's, is shown by tests/cli/bundle_test.sh.
#include "keystore/crypto/cms.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

constexpr std::string_view kContent = "content";

class CmsTest : public ::testing::TestWithParam<CertifiedType> {
 protected:
  void SetUp() override {
    site_ = make(CertifiedType::ec, CertifiedUse::sign);
    node_ = make(GetParam(), CertifiedUse::decrypt);
    other_ = make(CertifiedType::ec, CertifiedUse::decrypt);
  }
  static CertifiedKey make(CertifiedType type, CertifiedUse use) {
    auto made = make_certified_key(type, use, "test");
    EXPECT_TRUE(made) << made.error().line();
    return *std::move(made);
  }
  [[nodiscard]] std::vector<std::byte> seal(const std::vector<const X509*>& recipients) const {
    const auto message = seal_message(as_bytes(kContent), site_, recipients);
    EXPECT_TRUE(message) << message.error().line();
    return *message;
  }
  [[nodiscard]] Result<OpenedMessage> open(std::span<const std::byte> message) const {
    return open_message(message, node_, {site_.certificate.get()});
  }
  CertifiedKey site_, node_, other_;
};

TEST_P(CmsTest, ARecipientOpensIt) {
  const auto message = seal({other_.certificate.get(), node_.certificate.get()});
  const auto opened =
      open_message(message, node_, {other_.certificate.get(), site_.certificate.get()});
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_EQ(as_text(opened->content.bytes()), kContent);
  EXPECT_EQ(opened->signer, 1U);
  EXPECT_TRUE(open_message(message, other_, {site_.certificate.get()}));
}

TEST_P(CmsTest, NobodyElseDoes) {
  const auto message = seal({other_.certificate.get()});
  EXPECT_EQ(open(message).error().code(), Code::refused);
  CertifiedKey mixed;  // the recipient's certificate with another key
  mixed.certificate.reset(X509_dup(other_.certificate.get()));
  mixed.key = std::move(node_.key);
  EXPECT_FALSE(open_message(message, mixed, {site_.certificate.get()}));
}

TEST_P(CmsTest, OnlyATrustedSignerCounts) {
  const auto message = seal({node_.certificate.get()});
  EXPECT_FALSE(open_message(message, node_, {}));
  EXPECT_FALSE(open_message(message, node_, {other_.certificate.get()}));
  // A certificate of the same names and number for another key: found, and the signature is not
  // good.
  const CertifiedKey stranger = make(CertifiedType::ec, CertifiedUse::sign);
  ASSERT_EQ(X509_set_serialNumber(stranger.certificate.get(),
                                  X509_get_serialNumber(site_.certificate.get())),
            1);
  const auto opened = open_message(message, node_, {stranger.certificate.get()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::refused);
}

TEST_P(CmsTest, NoPieceOfOneOpens) {
  const auto message = seal({node_.certificate.get()});
  for (std::size_t size = 0; size < message.size(); size += 13) {
    EXPECT_FALSE(open(std::span(message).first(size))) << size;
  }
  EXPECT_FALSE(open(std::span(message).first(message.size() - 1)));
  auto longer = message;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(open(longer));
}

TEST_P(CmsTest, NoBitFlipChangesWhatIsRead) {
  const auto message = seal({node_.certificate.get()});
  for (std::size_t at = 0; at < message.size(); at += 5) {
    auto changed = message;
    changed[at] ^= std::byte{static_cast<unsigned char>(1U << (at % 8))};
    const auto opened = open(changed);
    // Not all of the envelope's numbers are authenticated; all of the content is.
    if (opened) {
      EXPECT_EQ(as_text(opened->content.bytes()), kContent) << at;
    }
    const bool content = at > message.size() - 500;
    EXPECT_FALSE(opened && content) << at;
  }
}

TEST_P(CmsTest, SigningCertificatesAreNoRecipients) {
  EXPECT_EQ(seal_message(as_bytes(kContent), site_, {site_.certificate.get()}).error().code(),
            Code::refused);
  EXPECT_FALSE(seal_message(as_bytes(kContent), site_, {}));
}

INSTANTIATE_TEST_SUITE_P(All, CmsTest, ::testing::Values(CertifiedType::ec, CertifiedType::rsa));

}  // namespace
}  // namespace sifguard
