// Keys that live in a PKCS#11 token, through the program sifguard-token. Any privilege.
#include "keystore/crypto/token_key.h"

#include <openssl/pem.h>

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl.h"
#include "keystore/crypto/pem.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxUri = 1024;
constexpr std::size_t kMaxAnswer = 8192;
constexpr int kTimeoutMs = 30000;

/// "pin\nHOW\nPIN\n" before the question, where there is a PIN.
Result<SecretBytes> with_pin(const std::string& question, const TokenLogin& login) {
  if (login.how.empty()) return SecretBytes::copy_of(as_bytes(question));
  const std::string before = "pin\n" + login.how + "\n";
  const std::string after = "\n" + question;
  SG_TRY(SecretBytes whole, SecretBytes::allocate(before.size() + login.pin.size() + after.size()));
  auto at = whole.bytes().begin();
  for (const auto part : {as_bytes(before), login.pin.bytes(), as_bytes(after)}) {
    at = std::copy(part.begin(), part.end(), at);
  }
  return whole;
}

Result<SecretBytes> ask(const std::string& question, const TokenLogin* login = nullptr) {
  ProgramRun run{own_program("sifguard-token"),
                 {},
                 {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin", "HOME=/root"},
                 as_bytes(question),
                 kMaxAnswer,
                 kTimeoutMs};
  run.tells_code = true;
  SecretBytes whole;
  if (login != nullptr) {
    SG_TRY(whole, with_pin(question, *login));
    run.environment = login->environment;
    run.input = whole.bytes();
  }
  auto answer = run_program(run);
  if (answer || answer.error().code() != Code::no_input) return answer;
  return fail(Code::absent, answer.error().what());  // these two share a status
}

/// A URI that is kept has been used before: what is wrong with it is no command line.
Result<SecretBytes> ask_as_kept(const std::string& question) {
  auto answer = ask(question);
  if (answer || answer.error().code() != Code::usage) return answer;
  return fail(Code::config, answer.error().what());
}

}  // namespace

Status check_token_uri(std::string_view uri) {
  const bool plain = std::all_of(uri.begin(), uri.end(), [](char c) { return c > ' ' && c < 127; });
  if (!uri.starts_with("pkcs11:") || !plain || uri.size() > kMaxUri) {
    return fail(Code::usage, "not a PKCS#11 URI: '" + std::string(uri.substr(0, 300)) + "'",
                "write it as p11tool --list-all shows it, such as pkcs11:token=site;object=key");
  }
  if (uri.find("pin-value=") != std::string_view::npos) {
    return fail(Code::usage, "the PIN must not be in the URI",
                "put it into a file that only root can read: pin-source=file:/etc/sifguard/pin");
  }
  return {};
}

Result<RsaPublicKey> token_public_key(const std::string& uri) {
  SG_CHECK(check_token_uri(uri));
  SG_TRY(const SecretBytes pem, ask("public\n" + uri + "\n"));
  return RsaPublicKey::from_pem(as_text(pem.bytes()));
}

Result<SecretBytes> token_decrypt_oaep(const std::string& uri, std::span<const std::byte> cipher,
                                       std::string_view label) {
  SG_CHECK(check_token_uri(uri));
  const std::string extra = label.empty() ? "" : to_hex(as_bytes(label)) + "\n";
  auto plain = ask_as_kept("decrypt\n" + uri + "\n" + to_hex(cipher) + "\n" + extra);
  // What the token says of a ciphertext of another key; all else is trouble with the token.
  constexpr std::string_view kNotOurs = "cannot decrypt with this key";
  if (!plain && plain.error().what().ends_with(kNotOurs)) {
    return fail(Code::refused, std::string(kNotOurs));
  }
  return plain;
}

Result<WantedPin> token_wants_pin(const std::string& uri, const TokenLogin& login) {
  SG_CHECK(check_token_uri(uri));
  SG_TRY(const SecretBytes word, ask("login\n" + uri + "\n", &login));
  const std::string_view said = as_text(word.bytes());
  if (said == "no") return WantedPin::no;
  return said == "few" ? WantedPin::few_tries_left : WantedPin::yes;
}

Result<Pkey> token_signer_half(const std::string& uri, const TokenLogin* login) {
  SG_CHECK(check_token_uri(uri));
  SG_TRY(const SecretBytes pem, ask("signer\n" + uri + "\n", login));
  SG_TRY(const auto blocks, read_pem_of(as_text(pem.bytes()), PEM_STRING_PUBLIC, 1));
  const unsigned char* at = octets(blocks.front());
  Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(blocks.front().size())));
  if (!key) return fail_openssl(Code::unavailable, "the token's public key is not understood");
  return key;
}

Result<std::string> token_sign(const std::string& uri, std::span<const std::byte> digest,
                               const TokenLogin* login) {
  SG_CHECK(check_token_uri(uri));
  const std::string question = "sign\n" + uri + "\n" + to_hex(digest) + "\n";
  SG_TRY(const SecretBytes signature,
         login == nullptr ? ask_as_kept(question) : ask(question, login));
  return std::string(as_text(signature.bytes()));
}

}  // namespace sifguard
