// sifguard-token: asks a PKCS#11 token for the public half of a key, to decrypt or to sign with it.
// Runs for one question as the child of whoever holds the keystore (root in the helper; the admin's
// `sifctl`), because the library of a token is foreign code that would otherwise be loaded there.
//
// Standard input: "public\nURI\n" of an RSA key, "signer\nURI\n" of an RSA or EC key,
// "decrypt\nURI\nCIPHERTEXT IN HEX\n", with the OAEP label in hex as one line more, or
// "sign\nURI\nDIGEST IN HEX\n". Standard output: the public half as PEM, the plaintext, or the
// signature. Otherwise one line on standard error, and status 1.
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <optional>

#include "keystore/base/fd.h"
#include "keystore/base/main.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl_memory.h"
#include "keystore/token/token.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxQuestion = 8192;

Result<SecretBytes> public_half(const Token& token) {
  SG_TRY(const std::string pem, token.public_pem());
  return SecretBytes::copy_of(as_bytes(pem));
}

Result<SecretBytes> signature(const Token& token, std::span<const std::byte> digest) {
  SG_TRY(const auto made, token.sign(digest));
  return SecretBytes::copy_of(made);
}

Result<SecretBytes> answer(const std::vector<std::string>& lines) {
  const std::string word = lines.front();
  // The last is what follows the last line's end.
  const bool labelled = word == "decrypt" && lines.size() == 5;
  const bool computes = labelled || ((word == "decrypt" || word == "sign") && lines.size() == 4);
  const auto input = computes ? from_hex(lines[2]) : std::nullopt;
  const auto label = from_hex(labelled ? lines[3] : "");
  const bool asks = (word == "public" || word == "signer") && lines.size() == 3;
  if (!asks && (!input || !label)) return fail(Code::usage, "the question is malformed");
  const bool signs = word == "sign" || word == "signer";
  SG_TRY(const Token token, Token::open(lines[1], signs ? TokenUse::sign : TokenUse::decrypt));
  if (asks) return public_half(token);
  return signs ? signature(token, *input) : token.decrypt_oaep(*input, *label);
}

Status run() {
  SG_CHECK(harden_process());
  SG_CHECK(protect_openssl_memory());
  SG_TRY(const std::string question, read_to_end(STDIN_FILENO, kMaxQuestion, "the question"));
  SG_TRY(const SecretBytes found, answer(split(question, '\n')));
  return write_all(STDOUT_FILENO, found.bytes(), "the standard output");
}

}  // namespace
}  // namespace sifguard

int main() {
  return sifguard::answering_main([] { return sifguard::run(); });
}
