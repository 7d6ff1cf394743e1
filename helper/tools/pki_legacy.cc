// Images signed by the PKI scripts that came before sifguard. The user's rights.
#include "helper/tools/pki_legacy.h"

#include <algorithm>
#include <array>

#include "keystore/base/contains.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/x509/certificate_path.h"

namespace sifguard {
namespace {

constexpr std::string_view kEntity = "bafecafebebebebebafecafebebebebebafecafe";
constexpr std::int32_t kHashSha256 = 1;
constexpr std::uint64_t kMaxSignature = 4096;
constexpr std::size_t kChunk = 1024UL * 1024;

/// What singularity and apptainer write; the kernel or a shell would run anything else.
constexpr std::array<std::string_view, 2> kLaunchScripts = {"#!/usr/bin/env run-singularity\n",
                                                            "#!/usr/bin/env run-apptainer\n"};

bool is_signature(const sif::Descriptor& object) {
  return object.signature && to_hex(object.signature->entity) == kEntity;
}

/// Whether the scripts, which search what `singularity sif info` prints, would pass over it.
bool looks_like_one(const sif::Descriptor& object) {
  const std::string raw = to_lower(as_text(object.raw));
  return raw.find(kEntity) != std::string::npos || is_signature(object);
}

Status check_launch_script(const sif::Image& image) {
  std::string script(as_text(std::span(image.header).first(sif::kLaunchSize)));
  script.resize(script.find_last_not_of('\0') + 1);
  if (contains(kLaunchScripts, script)) {
    return {};
  }
  return fail(
      Code::refused,
      "the launch script, which the old form does not cover, is '" + printable(script, 60) + "'",
      "nobody knows who wrote it: build the image again");
}

Result<const sif::Descriptor*> find_signature(const sif::Image& image) {
  const sif::Descriptor* found = nullptr;
  for (const sif::Descriptor& object : image.objects) {
    if (!looks_like_one(object)) continue;
    if (!is_signature(object) || object.signature->hash != kHashSha256) {
      return fail(Code::refused, object.shown() +
                                     " passes itself off as a signature, so that the scripts would "
                                     "not have hashed it");
    }
    if (found != nullptr) {
      return fail(Code::refused, "the image has several signatures of the old form");
    }
    found = &object;
  }
  if (found == nullptr) {
    return fail(Code::refused, "the image has no signature of the PKI scripts");
  }
  if (found->size == 0 || found->size > kMaxSignature) {
    return fail(Code::refused, found->shown() + " is no signature: it has " +
                                   std::to_string(found->size) + " bytes");
  }
  return found;
}

Result<std::string> hash_of(int fd, const sif::Descriptor& object, std::vector<std::byte>& chunk) {
  Sha256 hash;
  for (std::uint64_t done = 0; done < object.size;) {
    const auto part = std::span(chunk).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(object.size - done, chunk.size())));
    SG_CHECK(pread_exact(fd, part, object.offset + done, object.shown()));
    hash.update(part);
    done += part.size();
  }
  SG_TRY(const Sha256Digest digest, hash.finish());
  return to_hex(digest);
}

}  // namespace

Result<SignerKey> key_of_certificate(std::string_view pem) {
  SG_TRY(const Certificate certificate, parse_one_certificate(pem));
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(X509_get0_pubkey(certificate.get()), &der);
  if (size <= 0) return fail_openssl(Code::refused, "the certificate has no usable key");
  auto key = SignerKey::from_spki(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  return key;
}

Result<PkiLegacySignature> check_pki_legacy(int fd, const sif::Image& image, const SignerKey& key) {
  SG_CHECK(check_launch_script(image));
  SG_TRY(const sif::Descriptor* const signature, find_signature(image));
  PkiLegacySignature found;
  found.object = signature->id;
  std::string statement;
  std::vector<std::byte> chunk(kChunk);
  for (const sif::Descriptor& object : image.objects) {
    if (&object == signature) continue;
    SG_TRY(const std::string digest, hash_of(fd, object, chunk));
    statement += digest + " " + std::to_string(object.id) + "\n";
    found.covered.push_back(object.id);
  }
  std::string bytes(static_cast<std::size_t>(signature->size), '\0');
  SG_CHECK(pread_exact(fd, std::as_writable_bytes(std::span(bytes)), signature->offset,
                       signature->shown()));
  SG_TRY(const Sha256Digest digest, sha256(as_bytes(statement)));
  if (key.weak() || found.covered.empty() || !key.made(bytes, statement, digest)) {
    return fail(Code::refused, "the signature of the PKI scripts, object " +
                                   std::to_string(found.object) +
                                   ", is not this certificate's over this content");
  }
  return found;
}

}  // namespace sifguard
