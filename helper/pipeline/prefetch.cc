// Filling a node's cache ahead of jobs. Root, in no task's namespace.
#include "helper/pipeline/prefetch.h"

#include <time.h>

#include "helper/pipeline/bound_image.h"
#include "helper/pipeline/person.h"
#include "helper/pipeline/staging.h"
#include "helper/pipeline/step_root.h"
#include "helper/release/admission.h"
#include "helper/release/first_that_opens.h"
#include "helper/release/rekey.h"

namespace sifguard {
namespace {

/// Puts a fresh copy into the cache, rekeyed where a PEM is released; what the cache has already
/// stays as it is.
Status keep(StagedImage& staged, const Decision& decision, const Admission& admission,
            const std::vector<KeyRecord>& keys, const Node& node, const ImageCache& cache) {
  if (staged.entry() != nullptr || staged.in_place() >= 0) return {};
  if (keys.empty()) return staged.publish(cache, staged.record(), {});
  return first_that_opens(
      keys, Error(Code::internal, "no key to stage with"), [&](const KeyRecord& key) -> Status {
        SG_TRY(const KeyGrant grant, grant_staging(decision, admission, key));
        SG_TRY(const StoredPrivateKey stored, node.keystore.stored_private_key(grant.key()));
        if (release_for(decision, node.config) == Release::mount) {
          return keep_for_mounting(staged, grant, stored, cache);
        }
        SG_TRY(const Rekeyed rekeyed,
               rekey(grant, stored, staged.copy(), *staged.facts()->message, staged.digest()));
        EntryRecord record = staged.record();
        record.key_id = grant.key().id;
        record.sealed_key = rekeyed.sealed_key;
        return staged.publish(cache, record, as_bytes(rekeyed.pristine_message));
      });
}

}  // namespace

Result<Prefetched> prefetch(const std::string& image, const std::string& user, const Node& node) {
  const Config& config = node.config;
  SG_TRY(Identity owner, find_user(user));
  SG_TRY(OpenedImage opened, open_image(image, "/", open_options(config, std::move(owner))));
  const ImageName name = opened.name();
  Facts facts;
  SG_TRY(const Policy policy, bindings_of_opened(opened, node, facts));
  SG_TRY(const Decision decision, decide_for_staging(policy, facts));
  SG_TRY(const auto keys, keys_of(decision, node.keystore));
  std::vector<std::string> ids;
  for (const KeyRecord& key : keys) ids.push_back(key.id);
  SG_TRY(const ImageCache cache,
         ImageCache::open(config.cache, config.cache_max_bytes, config.cache_max_bytes_per_user));
  SG_TRY(const StagingOptions options, staging_options(opened, decision, config));
  SG_TRY(const Keyring keyring, load_keyring(node.keystore, decision));
  SG_TRY(StagedImage staged,
         stage_image(std::move(opened), decision, keyring, cache, ids, options));
  const std::string digest = "sha256:" + staged.digest();
  SG_TRY(const CertifiedFacts found, certify(staged.facts(), digest, keyring, node.keystore,
                                             config.revocation, examination_of(options)));
  SG_TRY(const Admission admission,
         judge_and_admit(found, demands_of(decision, options.release), ::time(nullptr)));
  SG_CHECK(keep(staged, decision, admission, keys, node, cache));
  if (staged.in_place() < 0) SG_CHECK(cache.remember_preloaded(name, staged.digest()));
  return Prefetched{name.text(), digest};
}

}  // namespace sifguard
