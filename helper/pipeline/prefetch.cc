// Filling a node's cache ahead of jobs. Root, in a mount namespace of its own.
#include "helper/pipeline/prefetch.h"

#include <time.h>

#include "helper/mount/job_mounts.h"
#include "helper/pipeline/bound_image.h"
#include "helper/pipeline/person.h"
#include "helper/pipeline/staging.h"
#include "helper/pipeline/step_root.h"
#include "helper/release/admission.h"
#include "helper/release/first_that_opens.h"
#include "helper/release/rekey.h"

namespace sifguard {
namespace {

/// What is prefetched, and where to.
struct Ahead {
  const Decision& decision;
  const Admission& admission;
  const std::vector<KeyRecord>& keys;
  const Node& node;
  const ImageCache& cache;
  const StagingOptions& options;
};

/// `use(grant)` for the first key that opens the image.
template <typename Use>
Status under_a_key(const Ahead& ahead, const StagedImage& staged, const Use& use) {
  return first_that_opens(
      candidates(staged, ahead.keys), Error(Code::internal, "no key to stage with"),
      [&](const KeyRecord& key) -> Status {
        SG_TRY(const KeyGrant grant, grant_staging(ahead.decision, ahead.admission, key));
        return use(grant);
      });
}

/// For `release: pem`.
Status keep_rekeyed(const Ahead& ahead, StagedImage& staged) {
  return under_a_key(ahead, staged, [&](const KeyGrant& grant) -> Status {
    SG_TRY(const StoredPrivateKey stored, ahead.node.keystore.stored_private_key(grant.key()));
    SG_TRY(const Rekeyed rekeyed,
           rekey(grant, stored, staged.copy(), *staged.facts()->message, staged.digest()));
    EntryRecord record = staged.record();
    record.key_id = grant.key().id;
    record.sealed_key = rekeyed.sealed_key;
    return staged.publish(ahead.cache, record, as_bytes(rekeyed.pristine_message));
  });
}

/// For `release: mount`: as the first step on this node would, down to the content key that it
/// leaves sealed beside the image. The mount is placed nowhere, and gone at once.
Status keep_unlocked(const Ahead& ahead, StagedImage& staged) {
  if (!staged.record().sealed_content_key.empty()) return {};
  SG_TRY([[maybe_unused]] const JobDirectory directory, JobDirectory::make());
  StepRoot root(ahead.options, {});
  return under_a_key(ahead, staged, [&](const KeyGrant& grant) -> Status {
    const auto take = [&] { return ahead.node.keystore.stored_private_key(grant.key()); };
    SG_TRY([[maybe_unused]] const RootMount mounted,
           root.encrypted(ahead.admission, grant, take, staged, ahead.cache));
    return {};
  });
}

/// Puts a fresh copy into the cache, with all that a launch is made faster by; of what the cache
/// has already, only what is missing.
Status keep(const Ahead& ahead, StagedImage& staged) {
  const bool encrypted = !ahead.keys.empty();
  if (encrypted && ahead.options.release == Release::mount) return keep_unlocked(ahead, staged);
  if (!staged.is_fresh()) return {};
  return encrypted ? keep_rekeyed(ahead, staged) : staged.publish(ahead.cache, staged.record(), {});
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
  SG_CHECK(keep({decision, admission, keys, node, cache, options}, staged));
  if (staged.in_place() < 0) SG_CHECK(cache.remember_preloaded(name, staged.digest()));
  return Prefetched{name.text(), digest};
}

}  // namespace sifguard
