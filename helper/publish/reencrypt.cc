// An image's volume key under a key of the image's own, and the site's signatures. Root on an
// admin's host.
#include "helper/publish/reencrypt.h"

#include <time.h>

#include "helper/release/first_that_opens.h"
#include "helper/release/rekey.h"
#include "helper/sif/edit.h"
#include "helper/sif/image.h"
#include "helper/tools/dsse_envelope.h"
#include "helper/tools/statement.h"
#include "helper/verify/sandbox/hasher.h"

namespace sifguard {
namespace {

Result<OwnKey> reencrypt_under(const KeyGrant& grant, int image, const VerifiedImage& verified,
                               const Keystore& keystore) {
  const ImageFacts& facts = verified.admission.facts();
  SG_TRY(const RsaPrivateKey long_term, keystore.load_private_key(grant.key()));
  SG_TRY(Rewrapped made, rewrap(grant, long_term, image, facts.image_size, *facts.message));
  return OwnKey{std::move(made.key), grant.key().id, grant.key().rule, std::move(made.message)};
}

}  // namespace

Result<std::optional<OwnKey>> reencrypt(int image, const SourceImage& source,
                                        const VerifiedImage& verified, const Keystore& keystore) {
  const Binding& binding = source.binding;
  if (!binding.key) return std::optional<OwnKey>();
  SG_TRY(const auto keys, keystore.key_and_successors(*binding.key));
  SG_TRY(OwnKey own, first_that_opens(keys, Error(Code::internal, "the binding's key is gone"),
                                      [&](const KeyRecord& key) -> Result<OwnKey> {
                                        SG_TRY(const KeyGrant grant,
                                               grant_publication(binding, verified.admission, key));
                                        return reencrypt_under(grant, image, verified, keystore);
                                      }));
  return std::optional<OwnKey>(std::move(own));
}

Status put_message(int copy, const OwnKey& own) {
  return sif::replace_message(copy, own.message, ::time(nullptr));
}

Status resign(int copy, const SigningKey& site) {
  SG_CHECK(prepare_digests());
  std::vector<std::uint32_t> old;
  {
    SG_TRY(const sif::Image image, sif::read_image(copy));
    for (const sif::Descriptor& object : image.objects) {
      if (object.type == sif::DataType::signature) old.push_back(object.id);
    }
  }
  const std::int64_t now = ::time(nullptr);
  if (!old.empty()) SG_CHECK(sif::remove_signatures(copy, old, now));
  SG_TRY(const sif::Image image, sif::read_image(copy));
  const auto groups = groups_of(image);
  SG_TRY(const auto statements, make_statements(copy, image, groups));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    SG_TRY(const std::string envelope, make_envelope(statements[i], site));
    sif::NewSignature signature;
    signature.group = groups[i];
    signature.data = envelope;
    SG_CHECK(sif::add_signature(copy, signature, now));
  }
  return {};
}

}  // namespace sifguard
