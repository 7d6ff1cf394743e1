// sifguard-token: asks a PKCS#11 token for the public half of an RSA key or to decrypt with it.
// Runs for one question as the child of whoever holds the keystore (root in the helper; the admin's
// `sifctl`), because the library of a token is foreign code that would otherwise be loaded there.
//
// Standard input: "public\nURI\n" or "decrypt\nURI\nCIPHERTEXT IN HEX\n". Standard output: the
// public half as PEM, or the plaintext. Otherwise one line on standard error, and status 1.
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl_memory.h"
#include "keystore/token/token.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxQuestion = 8192;

Result<SecretBytes> answer(const std::vector<std::string>& lines) {
  const bool decrypts = lines.size() == 4 && lines[0] == "decrypt";
  if (!decrypts && !(lines.size() == 3 && lines[0] == "public")) {
    return fail(Code::usage, "the question is malformed");
  }
  SG_TRY(Token token, Token::open(lines[1]));
  if (!decrypts) {
    SG_TRY(const std::string pem, token.public_pem());
    return SecretBytes::copy_of(as_bytes(pem));
  }
  const auto cipher = from_hex(lines[2]);
  if (!cipher) return fail(Code::usage, "the question is malformed");
  return token.decrypt_oaep(*cipher);
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
  try {
    const auto done = sifguard::run();
    if (done) return 0;
    std::fprintf(stderr, "%s\n", sifguard::printable(done.error().line()).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", sifguard::printable(error.what()).c_str());
  }
  return 1;
}
