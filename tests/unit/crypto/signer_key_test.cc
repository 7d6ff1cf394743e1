// Bare signing keys: identity, what is refused, and signatures made by the openssl program.
#include "keystore/crypto/signer_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/base/text.h"
#include "keystore/crypto/pem.h"
#include "keystore/crypto/ssh_fingerprint.h"
#include "tests/unit/crypto/public_keys.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

using test::kEd25519;
using test::kP256;
using test::kP384;
using test::kP521;
using test::kRsa;
using ::testing::HasSubstr;

constexpr std::string_view kMessage = "DSSEv1 4 type 4 data";

/// Keys of every sort, made once.
const test::TempDir& made() {
  static const test::TempDir dir;
  [[maybe_unused]] static const bool filled = [] {
    const auto make = [](const std::string& name, const std::string& how) {
      EXPECT_EQ(
          test::run(dir, "openssl genpkey -out " + name + ".key " + how + " && openssl pkey -in " +
                             name + ".key -pubout -out " + name + ".pub"),
          0)
          << name << test::read_file(dir / "log");
    };
    make("rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048");
    make("small", "-algorithm RSA -pkeyopt rsa_keygen_bits:1024");
    make("pss", "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048");
    make("p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    make("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384");
    make("p521", "-algorithm EC -pkeyopt ec_paramgen_curve:P-521");
    make("k256", "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1");
    make("p224", "-algorithm EC -pkeyopt ec_paramgen_curve:secp224r1");
    make("explicit",
         "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit");
    make("ed25519", "-algorithm ED25519");
    make("ed448", "-algorithm ED448");
    make("x25519", "-algorithm X25519");
    make("dh", "-algorithm DH -pkeyopt group:ffdhe2048");
    EXPECT_EQ(test::run(dir,
                        "openssl ec -in p256.key -pubout -conv_form compressed -out "
                        "compressed.pub"),
              0);
    test::write_file(dir / "message", std::string(kMessage));
    return true;
  }();
  return dir;
}

std::string file(const std::string& name) {
  return test::read_file(made() / name);
}

Result<SignerKey> key_of(const std::string& name) {
  return SignerKey::from_pem(file(name + ".pub"));
}

/// A signature over kMessage made by openssl with the key `name`.
std::string sign(const std::string& name, const std::string& options = "-sha256") {
  const std::string how =
      name == "ed25519"
          ? "openssl pkeyutl -sign -rawin -inkey ed25519.key -in message -out signature"
          : "openssl dgst " + options + " -sign " + name + ".key -out signature message";
  EXPECT_EQ(test::run(made(), how), 0) << file("log");
  return file("signature");
}

bool accepts(const SignerKey& key, std::string_view signature,
             std::string_view message = kMessage) {
  return key.made(signature, message, sha256(as_bytes(message)).value());
}

TEST(SshFingerprint, IsWhatOpensshPrints) {
  for (const test::KnownKey& known : {kP256, kP384, kP521, kRsa, kEd25519}) {
    const auto key = SignerKey::from_pem(known.pem);
    ASSERT_TRUE(key) << key.error().line();
    EXPECT_EQ(key->fingerprint(), known.fingerprint);
  }
}

TEST(SshFingerprint, IsWhatTheVectorImageNames) {
  const std::string pem =
      test::read_file(std::string(SIFGUARD_VECTORS) + "/keys/ed25519-public.pem");
  if (pem.empty()) GTEST_SKIP() << "TEST VECTORS ABSENT: " << SIFGUARD_VECTORS;
  EXPECT_EQ(SignerKey::from_pem(pem)->fingerprint(),
            "SHA256:x6l8ZblpSSXGaPMCzySedWg88BwIFcz8jlPb6el0mFs");
}

TEST(SignerKey, IsNamedByTheHashOfItsDer) {
  for (const char* const name : {"rsa", "p256", "p384", "p521", "ed25519"}) {
    const auto key = key_of(name);
    ASSERT_TRUE(key) << name << ": " << key.error().line();
    ASSERT_EQ(test::run(made(), std::string("openssl pkey -pubin -in ") + name +
                                    ".pub -outform DER | openssl dgst -sha256 -r >digest"),
              0);
    EXPECT_EQ(key->spki(), file("digest").substr(0, 64)) << name;
    EXPECT_FALSE(key->weak());
    EXPECT_EQ(key->hash(), std::string(name) == "ed25519" ? "sha512" : "sha256");
  }
}

TEST(SignerKey, KnowsItsSignatures) {
  for (const char* const name : {"rsa", "p256", "p384", "p521", "ed25519"}) {
    const auto key = key_of(name);
    ASSERT_TRUE(key);
    const std::string signature = sign(name);
    EXPECT_TRUE(accepts(*key, signature)) << name;
    EXPECT_FALSE(accepts(*key, signature, "DSSEv1 4 type 4 datA")) << name;
    EXPECT_FALSE(accepts(*key, signature, "")) << name;
    EXPECT_FALSE(accepts(*key, "")) << name;
    EXPECT_FALSE(accepts(*key, signature + std::string(1, '\0'))) << name;
    EXPECT_FALSE(accepts(*key, std::string(1, '\0') + signature)) << name;
    for (const char* const other : {"rsa", "p256", "p384", "p521", "ed25519"}) {
      EXPECT_EQ(accepts(*key_of(other), signature), std::string(other) == name);
    }
  }
}

TEST(SignerKey, RefusesEveryFlippedBitAndTruncation) {
  for (const char* const name : {"rsa", "p256", "ed25519"}) {
    const auto key = key_of(name);
    ASSERT_TRUE(key);
    const std::string signature = sign(name);
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
      std::string flipped = signature;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
      EXPECT_FALSE(accepts(*key, flipped)) << name << " bit " << bit;
    }
    for (std::size_t size = 0; size < signature.size(); ++size) {
      EXPECT_FALSE(accepts(*key, signature.substr(0, size))) << name << " size " << size;
    }
  }
}

TEST(SignerKey, RefusesOtherPaddingsAndHashes) {
  const auto rsa = key_of("rsa");
  ASSERT_TRUE(rsa);
  EXPECT_FALSE(accepts(*rsa, sign("rsa", "-sha1")));
  EXPECT_FALSE(accepts(*rsa, sign("rsa", "-sha512")));
  EXPECT_FALSE(accepts(*rsa, sign("rsa", "-sha256 -sigopt rsa_padding_mode:pss")));
  const auto p384 = key_of("p384");
  ASSERT_TRUE(p384);
  EXPECT_FALSE(accepts(*p384, sign("p384", "-sha384")));
}

TEST(SignerKey, RefusesEcdsaSignaturesThatAreNotDer) {
  const auto key = key_of("p256");
  ASSERT_TRUE(key);
  std::string signature = sign("p256");
  std::string long_length = signature;  // 30 81 LL instead of 30 LL
  long_length.insert(1, "\x81");
  EXPECT_FALSE(accepts(*key, long_length));
  std::string padded = signature;  // one more leading zero in r
  padded.insert(4, 1, '\0');
  padded[1] = static_cast<char>(padded[1] + 1);
  padded[3] = static_cast<char>(padded[3] + 1);
  EXPECT_FALSE(accepts(*key, padded));
}

struct Refused {
  std::string name;
  std::string why;
};
void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.name;
}

class RefusedKeys : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedKeys, SayWhy) {
  const auto key = key_of(GetParam().name);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code(), Code::refused);
  EXPECT_THAT(key.error().line(), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(SignerKey, RefusedKeys,
                         ::testing::Values(Refused{"small", "the RSA key has 1024 bits"},
                                           Refused{"pss", "RSA-PSS"},
                                           Refused{"k256", "secp256k1, not P-256"},
                                           Refused{"p224", "secp224r1, not P-256"},
                                           Refused{"ed448", "ED448"}, Refused{"x25519", "X25519"},
                                           Refused{"dh", "DH"},
                                           Refused{"explicit", "not in its usual encoding"},
                                           Refused{"compressed", "not in its usual encoding"}),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(SignerKey, WeakOnesInCertificatesSaySo) {
  const auto blocks = read_pem(file("small.pub"), 1);
  ASSERT_TRUE(blocks);
  const auto key = SignerKey::from_spki((*blocks)[0].der);
  ASSERT_TRUE(key) << key.error().line();
  EXPECT_TRUE(key->weak());
  EXPECT_TRUE(accepts(*key, sign("small")));
}

TEST(SignerKey, IsExactlyOnePublicKey) {
  EXPECT_FALSE(SignerKey::from_pem(""));
  EXPECT_FALSE(SignerKey::from_pem("ssh-ed25519 AAAA"));
  EXPECT_FALSE(SignerKey::from_pem(std::string(kP256.pem) + kP384.pem));
  EXPECT_FALSE(SignerKey::from_pem(file("p256.key")));
  EXPECT_FALSE(SignerKey::from_pem(file("p256.key") + file("p256.pub")));
  EXPECT_TRUE(SignerKey::from_pem("a comment\n" + std::string(kP256.pem)));
  std::string renamed = kP256.pem;
  renamed.replace(renamed.find("PUBLIC"), 6, "PUBLIX");
  renamed.replace(renamed.rfind("PUBLIC"), 6, "PUBLIX");
  EXPECT_FALSE(SignerKey::from_pem(renamed));
}

TEST(SignerKey, RefusesTruncatedAndTrailingDer) {
  const auto blocks = read_pem(kP256.pem, 1);
  ASSERT_TRUE(blocks);
  std::vector<std::byte> der = (*blocks)[0].der;
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(SignerKey::from_spki(std::span(der).first(size))) << size;
  }
  der.push_back(std::byte{0});
  EXPECT_FALSE(SignerKey::from_spki(der));
}

TEST(Pem, ReadsBlocksInOrderAndPassesOverText) {
  const auto blocks =
      read_pem("x\n" + std::string(kP256.pem) + "text between\n" + kEd25519.pem + "end", 2);
  ASSERT_TRUE(blocks) << blocks.error().line();
  ASSERT_EQ(blocks->size(), 2U);
  EXPECT_EQ((*blocks)[0].name, "PUBLIC KEY");
  EXPECT_EQ((*blocks)[0].der.size(), 91U);
  EXPECT_EQ((*blocks)[1].der.size(), 44U);
}

TEST(Pem, RefusesTheRest) {
  const auto complaint = [](std::string_view data, std::size_t limit = 4) {
    const auto blocks = read_pem(data, limit);
    return blocks ? "ACCEPTED" : blocks.error().line();
  };
  const std::string good = kP256.pem;
  EXPECT_THAT(complaint(""), HasSubstr("not a PEM file"));
  EXPECT_THAT(complaint("hello"), HasSubstr("not a PEM file"));
  EXPECT_THAT(complaint(good + good, 1), HasSubstr("too many"));
  EXPECT_THAT(complaint(good + file("ed25519.key")), HasSubstr("private key"));
  std::string encrypted = good;
  encrypted.insert(encrypted.find('\n') + 1,
                   "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF"
                   "\n\n");
  EXPECT_THAT(complaint(encrypted), HasSubstr("is it encrypted?"));
  std::string broken = good;
  broken[40] = '*';
  EXPECT_THAT(complaint(broken), HasSubstr("malformed PEM"));
  EXPECT_THAT(complaint(good + broken), HasSubstr("malformed PEM"));
  EXPECT_THAT(complaint(good.substr(0, good.find("-----END"))), HasSubstr("PEM"));
}

}  // namespace
}  // namespace sifguard
