// sifguard-token: asks a PKCS#11 token for a public key, to decrypt or to sign with it. Runs for
// one question as the child of the process that uses the keystore (root in the helper; the admin's
// `sifctl`), because the library of a token is foreign code that would otherwise be loaded there.
//
// Standard input: "public\nURI\n" of an RSA key, "signer\nURI\n" of an RSA or EC key,
// "decrypt\nURI\nCIPHERTEXT IN HEX\n", with the OAEP label in hex as another line, or
// "sign\nURI\nDIGEST IN HEX\n"; "login\nURI\n" asks whether the token requires a PIN ("no", "yes",
// "few" after a wrong one). It may be preceded by "pin\nHOW\nPIN\n": the PIN, and whether it is
// "typed", "piped", or from a file ("file:/PATH"). Standard output: the public key as PEM, the
// plaintext, or the signature. On failure: one line on standard error, and the exit status of the
// error's kind (error.h).
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

using Lines = std::vector<std::string_view>;  // of the question, which may hold a PIN

Result<SecretBytes> answer(const Lines& lines, const GivenPin* given) {
  const std::string_view word = lines.empty() ? "" : lines.front();
  const bool labelled = word == "decrypt" && lines.size() == 4;
  const bool computes = labelled || ((word == "decrypt" || word == "sign") && lines.size() == 3);
  const auto input = computes ? from_hex(lines[2]) : std::nullopt;
  const auto label = from_hex(labelled ? lines[3] : "");
  const bool asks = (word == "public" || word == "signer" || word == "login") && lines.size() == 2;
  if (!asks && (!input || !label)) return fail(Code::usage, "the question is malformed");
  const std::string uri(lines[1]);
  if (word == "login") {
    SG_TRY(const std::string wanted, Token::wanted_pin(uri));
    return SecretBytes::copy_of(as_bytes(wanted));
  }
  const bool signs = word == "sign" || word == "signer";
  SG_TRY(const Token token, Token::open(uri, signs ? TokenUse::sign : TokenUse::decrypt, given));
  if (asks) return public_half(token);
  return signs ? signature(token, *input) : token.decrypt_oaep(*input, *label);
}

/// Lines with their ends; what follows the last end is none.
Lines lines_of(std::string_view question) {
  Lines lines;
  for (std::size_t end = 0; (end = question.find('\n')) != std::string_view::npos;) {
    lines.push_back(question.substr(0, end));
    question.remove_prefix(end + 1);
  }
  return lines;
}

/// "typed", "piped", or "file:" and the path.
Result<GivenPin> given_by(std::string_view how, std::string_view pin) {
  constexpr std::string_view kFile = "file:";
  GivenPin given;
  given.typed = how == "typed";
  if (how.starts_with(kFile)) given.file = how.substr(kFile.size());
  SG_TRY(given.pin, SecretBytes::copy_of(as_bytes(pin)));
  return given;
}

Result<SecretBytes> answer_with_pin(Lines lines) {
  if (lines.size() < 3 || lines.front() != "pin") return answer(lines, nullptr);
  SG_TRY(const GivenPin given, given_by(lines[1], lines[2]));
  lines.erase(lines.begin(), lines.begin() + 3);
  return answer(lines, &given);
}

Status run() {
  SG_CHECK(harden_process());
  SG_CHECK(protect_openssl_memory());
  SG_TRY(const SecretBytes question, read_secret(STDIN_FILENO, kMaxQuestion, "the question"));
  SG_TRY(const SecretBytes found, answer_with_pin(lines_of(as_text(question.bytes()))));
  return write_all(STDOUT_FILENO, found.bytes(), "the standard output");
}

}  // namespace
}  // namespace sifguard

int main() {
  return sifguard::answering_main([] { return sifguard::run(); }, true);
}
