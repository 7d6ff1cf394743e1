// Certificate signing requests. Any privilege; the bytes are hostile.
#include "keystore/ca/csr.h"

#include <openssl/err.h>

#include "keystore/base/fd.h"
#include "keystore/ca/key_algorithm.h"
#include "keystore/crypto/pem.h"
#include "keystore/x509/handles.h"
#include "keystore/x509/strength.h"

namespace sifguard {
namespace {

using Request = Owned<X509_REQ, X509_REQ_free>;

Result<Request> parse(std::span<const std::byte> der) {
  const unsigned char* at = octets(der);
  Request request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (!request || at != octets(der) + der.size()) {
    return fail_openssl(Code::refused, "not a certificate signing request, or a malformed one",
                        "openssl req -new -key KEY -subj /CN=x -out FILE");
  }
  return request;
}

Result<Request> read(std::string_view data) {
  if (data.size() > kMaxKeyFile) return fail(Code::refused, "the request is too large");
  if (!is_pem(data)) return parse(as_bytes(data));
  SG_TRY(const auto blocks, read_pem(data, 1));
  // "NEW" is how old programs write it.
  if (blocks[0].name != "CERTIFICATE REQUEST" && blocks[0].name != "NEW CERTIFICATE REQUEST") {
    return fail(Code::refused, "the file holds a '" + blocks[0].name + "', not a request");
  }
  return parse(blocks[0].der);
}

}  // namespace

Result<Pkey> public_key_of_csr(std::string_view data) {
  SG_TRY(const Request request, read(data));
  Pkey key(X509_REQ_get_pubkey(request.get()));
  const X509_ALGOR* algorithm = nullptr;
  X509_REQ_get0_signature(request.get(), nullptr, &algorithm);
  if (!key || !is_strong_signature(algorithm)) {
    return fail_openssl(Code::refused, "the request's key or signature is weak or unknown",
                        "openssl req -new -sha256 -key KEY -subj /CN=x -out FILE");
  }
  SG_CHECK(check_key_kind(key.get()));  // first: anybody signs for an RSA key with the exponent 1
  const bool proven = X509_REQ_verify(request.get(), key.get()) == 1;
  ERR_clear_error();
  if (!proven) {
    return fail(Code::refused, "the request is not signed by its own key",
                "its sender must hold the private half: make the request anew");
  }
  return key;
}

}  // namespace sifguard
