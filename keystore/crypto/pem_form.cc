// Key and certificate files in the one form that our readers accept. Any privilege; pure.
#include "keystore/crypto/pem_form.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "keystore/base/fd.h"
#include "keystore/base/file_kind.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

constexpr std::size_t kLineBytes = 48;  // 64 characters of base64
constexpr std::size_t kMaxDer = 16UL * 1024 * 1024;

/// Two INTEGERs at the start of PKCS#1, one and an OCTET STRING of SEC 1, one and a SEQUENCE of
/// PKCS#8.
std::string_view private_label(std::string_view der, FileKind kind) {
  if (kind == FileKind::encrypted_key) return "ENCRYPTED PRIVATE KEY";
  const std::size_t header =
      der.size() > 1 && (der[1] & 0x80) != 0 ? 2 + static_cast<std::size_t>(der[1] & 0x7f) : 2;
  const char second = der.size() > header + 3 ? der[header + 3] : '\0';
  return second == '\x02' ? "RSA PRIVATE KEY" : second == '\x04' ? "EC PRIVATE KEY" : "PRIVATE KEY";
}

std::string_view public_label(FileKind kind) {
  switch (kind) {
    case FileKind::certificate:
      return "CERTIFICATE";
    case FileKind::certificate_request:
      return "CERTIFICATE REQUEST";
    case FileKind::crl:
      return "X509 CRL";
    case FileKind::public_key:
      return "PUBLIC KEY";
    case FileKind::rsa_public_key:
      return "RSA PUBLIC KEY";
    default:
      return {};
  }
}

std::size_t pem_size(std::size_t der, std::string_view label) noexcept {
  const std::size_t lines = (der + kLineBytes - 1) / kLineBytes;
  return lines * 65 + 2 * (label.size() + 18) + 1;
}

/// Into `to`, of at least pem_size() bytes; how many were written.
std::size_t write_pem(std::span<const std::byte> der, std::string_view label, char* to) noexcept {
  char* at = to;
  const auto put = [&](std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  };
  put("-----BEGIN ");
  put(label);
  put("-----\n");
  for (std::size_t i = 0; i < der.size(); i += kLineBytes) {
    const auto line = der.subspan(i, std::min(kLineBytes, der.size() - i));
    at += EVP_EncodeBlock(reinterpret_cast<unsigned char*>(at), octets(line),
                          static_cast<int>(line.size()));
    put("\n");
  }
  put("-----END ");
  put(label);
  put("-----\n");
  return static_cast<std::size_t>(at - to);
}

}  // namespace

std::string pem_form(std::string data) {
  if (!data.starts_with('\x30') || data.size() > kMaxDer) return plain_text(std::move(data));
  const std::string_view label = public_label(file_kind(data));
  if (label.empty()) return data;
  std::string text(pem_size(data.size(), label), '\0');
  text.resize(write_pem(as_bytes(data), label, text.data()));
  return text;
}

Result<SecretBytes> private_pem_form(SecretBytes data) {
  const std::string_view der = as_text(data.bytes());
  const FileKind kind = file_kind(der);
  const bool is_key = kind == FileKind::private_key || kind == FileKind::encrypted_key;
  if (!der.starts_with('\x30') || !is_key || der.size() > kMaxDer) {
    return plain_text(std::move(data));
  }
  const std::string_view label = private_label(der, kind);
  SG_TRY(SecretBytes text, SecretBytes::allocate(pem_size(der.size(), label)));
  text.shrink(write_pem(data.bytes(), label, reinterpret_cast<char*>(text.bytes().data())));
  return text;
}

}  // namespace sifguard
