// Files of openssl, ssh-keygen, gpg and others, named for what they are; and their one form.
#include "keystore/base/file_kind.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "keystore/crypto/pem.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/crypto/signer_key.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;
using namespace std::string_view_literals;

class FileKindTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* const kMake = R"(set -e
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
openssl genpkey -algorithm ED25519 -out ed.pem
openssl req -x509 -key rsa.pem -subj /CN=x -days 9 -out cert.pem
openssl req -new -key ec.pem -subj /CN=x -out req.pem
openssl req -new -key ec.pem -subj / -out req2.pem
openssl x509 -req -in req.pem -CA cert.pem -CAkey rsa.pem -set_serial 1 -days 9 -out v.pem
openssl pkcs12 -export -inkey rsa.pem -in cert.pem -passout pass:x -out p.p12
openssl crl2pkcs7 -nocrl -certfile cert.pem -out p7.pem
openssl crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out p7.der
for i in rsa ec ed; do
  openssl pkey -in $i.pem -outform DER -out $i.der
  openssl pkey -in $i.pem -pubout -out $i.pub
  openssl pkey -in $i.pem -pubout -outform DER -out $i.pub.der
  openssl pkcs8 -topk8 -in $i.pem -passout pass:x -out $i.enc
  openssl pkcs8 -topk8 -in $i.pem -passout pass:x -outform DER -out $i.enc.der
done
openssl rsa -in rsa.pem -traditional -out rsa1.pem
openssl rsa -in rsa.pem -traditional -outform DER -out rsa1.der
openssl rsa -in rsa.pem -traditional -aes128 -passout pass:x -out rsa1.enc
openssl rsa -in rsa.pem -RSAPublicKey_out -out rsa1.pub
openssl rsa -in rsa.pem -RSAPublicKey_out -outform DER -out rsa1.pub.der
openssl ec -in ec.pem -outform DER -out ec1.der
openssl x509 -in cert.pem -outform DER -out cert.der
openssl x509 -in v.pem -outform DER -out v.der
openssl x509 -in cert.pem -trustout -out trusted.pem
openssl req -in req.pem -outform DER -out req.der
openssl req -in req2.pem -outform DER -out req2.der
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=i\ndefault_md=sha256\n' >c; : >i
openssl ca -config c -gencrl -keyfile rsa.pem -cert cert.pem -crldays 2 -out crl.pem
openssl crl -in crl.pem -outform DER -out crl.der
cat cert.pem rsa.pem >both.pem
)";
    dir_ = new test::TempDir;
    ASSERT_EQ(test::run(*dir_, kMake), 0) << test::read_file(*dir_ / "log");
  }
  static std::string file(const std::string& name) { return test::read_file(*dir_ / name); }
  static FileKind kind(const std::string& name) { return file_kind(file(name)); }
  static test::TempDir* dir_;
};
test::TempDir* FileKindTest::dir_ = nullptr;

TEST_F(FileKindTest, FilesOfOpensslInBothForms) {
  using K = FileKind;
  const std::vector<std::pair<const char*, K>> kFiles = {
      {"rsa.pem", K::private_key},
      {"ec.pem", K::private_key},
      {"ed.pem", K::private_key},
      {"rsa.der", K::private_key},
      {"ec.der", K::private_key},
      {"ed.der", K::private_key},
      {"rsa1.pem", K::private_key},
      {"rsa1.der", K::private_key},
      {"ec1.der", K::private_key},
      {"rsa1.enc", K::encrypted_key},
      {"rsa.enc", K::encrypted_key},
      {"rsa.enc.der", K::encrypted_key},
      {"ed.enc.der", K::encrypted_key},
      {"rsa.pub", K::public_key},
      {"ec.pub.der", K::public_key},
      {"ed.pub.der", K::public_key},
      {"rsa1.pub", K::rsa_public_key},
      {"rsa1.pub.der", K::rsa_public_key},
      {"trusted.pem", K::trusted_certificate},
      {"cert.pem", K::certificate},
      {"cert.der", K::certificate},
      {"v.pem", K::certificate},
      {"v.der", K::certificate},
      {"req.pem", K::certificate_request},
      {"req.der", K::certificate_request},
      {"req2.der", K::certificate_request},
      {"crl.pem", K::crl},
      {"crl.der", K::crl},
      {"p.p12", K::pkcs12},
      {"p7.pem", K::pkcs7},
      {"p7.der", K::pkcs7},
      {"both.pem", K::private_key},
  };
  for (const auto& [name, expected] : kFiles) {
    EXPECT_EQ(kind(name), expected) << name << ": " << file_kind_name(kind(name));
  }
}

TEST_F(FileKindTest, FilesOfOtherPrograms) {
  using K = FileKind;
  if (test::run(*dir_, "ssh-keygen -q -t ed25519 -N '' -f s && ssh-keygen -e -f s.pub >s.rfc") ==
      0) {
    EXPECT_EQ(kind("s"), K::ssh_private_key);
    EXPECT_EQ(kind("s.pub"), K::ssh_public_key);
    EXPECT_EQ(kind("s.rfc"), K::ssh_public_key);
  }
  if (test::run(
          *dir_,
          "mkdir -m 700 g && gpg --homedir g --batch --passphrase '' --quick-gen-key a ed25519 "
          "sign never && gpg --homedir g --export >g.bin && gpg --homedir g --armor --export "
          ">g.asc && gpg --homedir g --batch --export-secret-keys >g.sec && gpg --homedir g "
          "--batch --detach-sign -o g.sig c && cp g/pubring.kbx g.kbx && "
          "cp g/openpgp-revocs.d/*.rev g.rev && sed s/^:-----/-----/ g.rev >g.revoked; "
          "gpgconf --homedir g --kill all") == 0) {
    EXPECT_EQ(kind("g.bin"), K::openpgp_public_key);
    EXPECT_EQ(kind("g.asc"), K::openpgp_public_key);
    EXPECT_EQ(kind("g.sec"), K::openpgp_secret_key);
    EXPECT_EQ(kind("g.sig"), K::openpgp_signature);
    EXPECT_EQ(kind("g.kbx"), K::openpgp_keybox);
    EXPECT_EQ(kind("g.rev"), K::openpgp_guarded_revocation);
    EXPECT_EQ(kind("g.revoked"), K::openpgp_revocation);
  }
  ASSERT_EQ(test::run(*dir_,
                      "gzip -k cert.pem && tar cf t.tar cert.pem && openssl base64 -A -in "
                      "cert.der -out bare"),
            0);
  EXPECT_EQ(kind("cert.pem.gz"), K::gzip);
  EXPECT_EQ(kind("t.tar"), K::tar);
  EXPECT_EQ(kind("bare"), K::bare_base64);
  EXPECT_EQ(file_kind(std::string("\xc6\x0a\x06") + std::string(9, 'x')), K::openpgp_newer_key);
  // The start of RFC 9580's sample, A.3.
  EXPECT_EQ(
      file_kind("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxioGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZ"
                "u52JGggkLq2EVD34laPCsQ==\n-----END PGP PUBLIC KEY BLOCK-----\n"),
      K::openpgp_newer_key);
  EXPECT_EQ(file_kind("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
            K::lfs_pointer);
  EXPECT_EQ(file_kind("\n <!DOCTYPE html>\n<html></html>"), K::html);
  EXPECT_EQ(file_kind("<HTML>"), K::html);
  EXPECT_EQ(file_kind("\x88\x61\x04\x20\x16\x0a"), K::openpgp_revocation);
  EXPECT_EQ(file_kind("\x88\x61\x04\x13\x16\x0a"), K::openpgp_signature);
  EXPECT_EQ(file_kind(std::string(32, '#') + "SIF_MAGIC"), K::sif);
  EXPECT_EQ(file_kind(std::string(32, '#') + "SIF_MAGIC\n-----BEGIN PGP MESSAGE-----"), K::sif);
  EXPECT_EQ(file_kind("SGBAK01\n\x01"), K::sealed_backup);
  EXPECT_EQ(file_kind("{\"key\": \"-----BEGIN ENCRYPTED PRIVATE KEY-----\"}"), K::json);
  EXPECT_EQ(file_kind("PuTTY-User-Key-File-3: ssh-ed25519"), K::putty_key);
  EXPECT_EQ(file_kind(""), K::empty);
  EXPECT_EQ(file_kind(" \r\n"), K::empty);
  for (const auto text : {"rubbish"sv, "\x30"sv, "\x30\x80"sv, "\x30\x03\x02\x01\x00"sv,
                          "\x30\x84\xff\xff\xff\xff"sv, "\x80"sv, "-----BEGIN "sv}) {
    EXPECT_EQ(file_kind(text), K::unknown) << text.size();
  }
}

TEST_F(FileKindTest, KeysThatSignAndEncryptNoImages) {
  using K = FileKind;
  const std::string key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
  const std::string comment = "untrusted comment: minisign public key 1234\n";
  EXPECT_EQ(key.size(), 56U);
  EXPECT_EQ(file_kind(comment + key + "\n"), K::minisign_public_key);
  EXPECT_EQ(file_kind(comment + key + "\r\n"), K::minisign_public_key);
  EXPECT_EQ(file_kind("untrusted comment: signify public key\r" + key), K::minisign_public_key);
  EXPECT_EQ(file_kind(key + "\n"), K::minisign_public_key);
  EXPECT_EQ(file_kind(key + "\nmore\n"), K::unknown);
  EXPECT_EQ(file_kind(key.substr(1)), K::unknown);
  const std::string more(200, 'A');
  EXPECT_EQ(file_kind("untrusted comment: x\nRUQf" + more.substr(0, 96) + "\ntrusted comment: x\n"),
            K::minisign_signature);
  EXPECT_EQ(file_kind("untrusted comment: x\nRWRTY0Iy" + more), K::minisign_secret_key);
  EXPECT_EQ(file_kind("untrusted comment: x\n"), K::unknown);
  EXPECT_EQ(file_kind("untrusted comment: x\nRW"), K::unknown);
  const std::string bech(58, 'q');
  EXPECT_EQ(file_kind("age1" + bech + "\n"), K::age_recipient);
  EXPECT_EQ(file_kind("# of alice\n\nage1yubikey1" + bech), K::age_recipient);
  EXPECT_EQ(file_kind("age1: of a table"), K::unknown);
  EXPECT_EQ(file_kind("# created: 2026\n# public key: age1" + bech + "\nAGE-SECRET-KEY-1QQ\n"),
            K::age_identity);
  EXPECT_EQ(file_kind("age-encryption.org/v1\n-> X25519 x\n"), K::age_file);
  EXPECT_EQ(file_kind("-----BEGIN AGE ENCRYPTED FILE-----\n"), K::age_file);
  EXPECT_EQ(file_kind("-----BEGIN SSH SIGNATURE-----\nU1NI\n"), K::ssh_signature);
  EXPECT_EQ(file_kind("SSHSIG\0\0\0\1"sv), K::ssh_signature);
  EXPECT_EQ(file_kind("# who may\nalice@example.org ssh-ed25519 AAAAC3Nz x\n"), K::ssh_public_key);
  EXPECT_EQ(file_kind("about ssh-keys\n"), K::unknown);
  EXPECT_EQ(file_kind("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"), K::cosign_key);
  EXPECT_EQ(file_kind("-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n"), K::cosign_key);
  EXPECT_EQ(file_kind("SGPRIV1\nxx"), K::sealed_key);
  EXPECT_EQ(file_kind("SGINDEX2xx"), K::own_file);
  EXPECT_EQ(file_kind("sifguard-audit-head 1 "), K::own_file);
}

TEST_F(FileKindTest, LinesThatEndInCrAreLines) {
  const std::string cert = file("cert.pem");
  std::string cr = cert, crlf, twice;
  std::replace(cr.begin(), cr.end(), '\n', '\r');
  for (const char c : cert) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
    twice += c == '\n' ? "\r\r\n" : std::string(1, c);
  }
  EXPECT_EQ(file_kind(cr), FileKind::certificate);
  EXPECT_EQ(pem_form(cr), cert);
  EXPECT_EQ(pem_form(crlf), crlf);
  EXPECT_EQ(pem_form(twice), twice);
  EXPECT_EQ(pem_form(cr + cert), cert + cert);  // put together of both
  EXPECT_EQ(pem_form("a\rb"), "a\rb");          // not PEM
  EXPECT_EQ(pem_form("-----BEGIN \r"), "-----BEGIN \n");
  EXPECT_EQ(pem_form("-----BEGIN x\r\ry\r\r\n\r"), "-----BEGIN x\n\ny\r\r\n\n");
  EXPECT_EQ(file_kind("-----BEGIN PGP PUBLIC KEY BLOCK-----\r\rxioGY4d/4xsAAAAg+U2nu0jWCmHlZ3Bq"),
            FileKind::openpgp_newer_key);
  for (const char* const name : {"rsa.pem", "rsa1.enc", "ec.pem"}) {
    std::string key = file(name);
    std::replace(key.begin(), key.end(), '\n', '\r');
    const auto pem = private_pem_form(test::secret(key));
    ASSERT_TRUE(pem);
    const SecretBytes password = test::secret("x");
    const bool sealed = std::string_view(name).ends_with(".enc");
    EXPECT_TRUE(read_private_pem(*pem, sealed ? &password : nullptr)) << name;
  }
}

TEST_F(FileKindTest, TooManyBlocksAreCounted) {
  const auto read = read_pem(file("cert.pem") + file("cert.pem"), 1);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().line(),
            "too many PEM blocks: more than 1; give a file with the one that is wanted alone");
  EXPECT_THAT(read_pem(file("cert.pem") + file("cert.pem") + file("cert.pem"), 2).error().line(),
              HasSubstr("more than 2; take out what"));
}

TEST_F(FileKindTest, EveryTruncationIsSurvived) {
  for (const char* const name :
       {"cert.der", "req.der", "crl.der", "p.p12", "rsa1.der", "cert.pem"}) {
    const std::string whole = file(name);
    for (std::size_t size = 0; size < std::min<std::size_t>(whole.size(), 400); ++size) {
      EXPECT_FALSE(file_kind_name(file_kind(whole.substr(0, size))).empty());
    }
  }
}

TEST_F(FileKindTest, ErrorsNameTheKindAndTheConversion) {
  const auto named = [](const std::string& name, WantedFile wanted) {
    return name_file_kind(Error(Code::refused, "no", "old"), file(name), wanted).line();
  };
  EXPECT_EQ(named("cert.pem", WantedFile::signer), "no; old");
  EXPECT_EQ(named("c", WantedFile::signer), "no; old");  // unknown
  EXPECT_THAT(named("p.p12", WantedFile::signer),
              HasSubstr("no: it is a PKCS#12 file (PFX); openssl pkcs12"));
  EXPECT_THAT(named("p7.der", WantedFile::authority), HasSubstr("openssl pkcs7 -print_certs"));
  EXPECT_THAT(named("req.pem", WantedFile::signer), HasSubstr("sifctl ca sign-csr"));
  EXPECT_THAT(named("rsa.pem", WantedFile::public_key), HasSubstr("openssl pkey -in FILE -pubout"));
  EXPECT_THAT(named("rsa.pub", WantedFile::rsa_key),
              HasSubstr("it is a public key; the private half"));
  EXPECT_THAT(named("rsa1.pub", WantedFile::signer),
              HasSubstr("it is an RSA public key in PKCS#1; openssl rsa -RSAPublicKey_in"));
  EXPECT_THAT(named("rsa1.pub", WantedFile::rsa_key), HasSubstr("the private half"));
  EXPECT_THAT(named("trusted.pem", WantedFile::certificate),
              HasSubstr("TRUSTED CERTIFICATE); openssl x509 -in FILE -out"));
  EXPECT_THAT(named("trusted.pem", WantedFile::signing_key), HasSubstr("the public half alone"));
  EXPECT_THAT(named("rsa.enc", WantedFile::signer), HasSubstr("openssl pkey -in FILE -pubout"));
  EXPECT_THAT(named("p.p12", WantedFile::bindings), HasSubstr("(PFX); give images.yaml"));
  EXPECT_THAT(named("cert.der", WantedFile::authority_backup),
              HasSubstr("give a backup of sifguard"));
  const Error config(Code::config, "no");
  EXPECT_THAT(name_file_kind(config, file("cert.pem"), WantedFile::shipyard).line(),
              HasSubstr("it is an X.509 certificate; give Shipyard's"));
  EXPECT_EQ(name_file_kind(config, "{\"a\": 1}", WantedFile::shipyard).line(), "no");
  EXPECT_EQ(name_file_kind(config, file("p.p12"), WantedFile::backup).line(), "no");
  const std::string image = std::string(32, '#') + "SIF_MAGIC";
  EXPECT_THAT(name_file_kind(Error(Code::refused, "no"), image, WantedFile::signer).line(),
              HasSubstr("an image holds signatures and no keys: sif-list"));
  const auto of = [](const std::string& data, WantedFile wanted) {
    return name_file_kind(Error(Code::refused, "no"), data, wanted).line();
  };
  const std::string age = "AGE-SECRET-KEY-1QQ";
  EXPECT_THAT(of(age, WantedFile::rsa_key),
              HasSubstr("no: it is an age identity (secret key); age neither signs nor encrypts"));
  EXPECT_THAT(of(age, WantedFile::signer), HasSubstr("openssl genpkey"));
  EXPECT_THAT(of("SGPRIV1\n", WantedFile::rsa_key),
              HasSubstr("sealed by a keystore of sifguard; it opens in its keystore alone"));
  EXPECT_THAT(of("SGBAK01\n", WantedFile::bundle),
              HasSubstr("sifctl restore or sifctl ca restore"));
  EXPECT_THAT(of(file("p7.der"), WantedFile::backup), HasSubstr("sifctl bundle import takes it"));
  EXPECT_THAT(of(file("p7.der"), WantedFile::authority_backup), HasSubstr("sifctl bundle import"));
  EXPECT_THAT(named("cert.der", WantedFile::crl),
              HasSubstr("it is an X.509 certificate; give a certificate revocation list"));
}

TEST_F(FileKindTest, DerAndUtf16BecomePem) {
  const std::string cert = file("cert.pem");
  EXPECT_EQ(pem_form(cert), cert);
  EXPECT_EQ(pem_form(file("cert.der")), cert);
  EXPECT_EQ(pem_form(file("crl.der")), file("crl.pem"));
  EXPECT_EQ(pem_form(file("ed.pub.der")), file("ed.pub"));
  EXPECT_EQ(pem_form(file("rsa1.pub.der")), file("rsa1.pub"));
  EXPECT_EQ(pem_form(file("p.p12")), file("p.p12"));
  EXPECT_EQ(pem_form("\xef\xbb\xbf" + cert), cert);
  std::string wide;
  for (const char c : cert) wide += {c, '\0'};
  EXPECT_EQ(pem_form("\xff\xfe" + wide), cert);
  EXPECT_EQ(pem_form(wide), cert);
  EXPECT_EQ(pem_form(std::string("\xfe\xff\0-", 4)), "-");
  EXPECT_EQ(pem_form("\xff\xfe" + wide + "x"), "\xff\xfe" + wide + "x");  // half a character
  EXPECT_EQ(pem_form(""), "");
}

TEST_F(FileKindTest, PrivateKeysInDerAreRead) {
  for (const char* const name : {"rsa.der", "ec.der", "ed.der", "rsa1.der", "ec1.der"}) {
    const auto pem = private_pem_form(test::secret_file(*dir_ / name));
    ASSERT_TRUE(pem);
    const auto key = read_private_pem(*pem, nullptr);
    EXPECT_TRUE(key) << name << ": " << key.error().line();
  }
  const SecretBytes password = test::secret("x");
  for (const char* const name : {"rsa.enc.der", "ec.enc.der", "ed.enc.der"}) {
    const auto pem = private_pem_form(test::secret_file(*dir_ / name));
    ASSERT_TRUE(pem);
    EXPECT_TRUE(is_encrypted_pem(*pem)) << name;
    EXPECT_TRUE(read_private_pem(*pem, &password)) << name;
  }
}

}  // namespace
}  // namespace sifguard
