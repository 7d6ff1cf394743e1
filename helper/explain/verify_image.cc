// The launch's own verdict on an image, for somebody who asks without launching it. Root.
#include "helper/explain/verify_image.h"

#include <sys/statvfs.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "helper/pipeline/bound_image.h"
#include "helper/pipeline/person.h"
#include "helper/pipeline/staging.h"
#include "helper/release/admission.h"
#include "helper/release/first_that_opens.h"
#include "helper/release/rekey.h"
#include "helper/stage/copy.h"
#include "helper/stage/published.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::uint64_t kLeftFree = std::uint64_t{64} << 20U;

/// The image's bytes, which nobody else can change.
struct Bytes {
  UniqueFd fd;  ///< read-only
  std::uint64_t size = 0;
  std::string digest;     ///< 64 lower-case hexadecimal digits
  bool in_place = false;  ///< published: with a key of its own
};

/// A copy takes no room that a launch could want.
Status check_room(int directory, std::uint64_t bytes) {
  struct statvfs st {};
  if (::fstatvfs(directory, &st) != 0) {
    return fail_errno(Code::internal, "cannot look at the cache's disk", errno);
  }
  const std::uint64_t free = std::uint64_t{st.f_bavail} * st.f_frsize;
  if (free > kLeftFree && bytes <= free - kLeftFree) return {};
  return fail(Code::temporary, "the cache's disk has no room for a copy to examine",
              "try again when there is more");
}

Result<Bytes> published_bytes(UniqueFd file, const OpenedImage& opened,
                              const StagingOptions& options) {
  Bytes bytes{std::move(file), opened.identity().size, {}, true};
  SG_TRY(const Sha256Digest digest,
         digest_of_file(bytes.fd.get(), bytes.size, examination_of(options).deadline_ms));
  bytes.digest = to_hex(digest);
  return bytes;
}

Result<Bytes> copied_bytes(OpenedImage& opened, const ImageCache& cache,
                           const StagingOptions& options) {
  CopyLimits limits;
  limits.max_bytes = options.image_max_bytes;
  limits.reserve = [&](std::uint64_t size) { return check_room(cache.staging_fd(), size); };
  SG_TRY(const PrivateCopy copy, copy_image(opened, cache.staging_fd(), limits));
  Bytes bytes;
  SG_TRY(bytes.fd, reopen_read_only(copy.fd.get()));
  bytes.size = copy.size;
  bytes.digest = to_hex(copy.digest);
  return bytes;
}

class Question {
 public:
  Question(const ImageQuestion& asked, const Node& node, const std::string& libexec_dir,
           ImageAnswer& answer)
      : asked_(asked), node_(node), libexec_dir_(libexec_dir), answer_(answer) {}

  Status run() {
    SG_TRY(const Identity owner, find_user(asked_.user));
    SG_TRY(person_, find_person(owner.uid, owner.gid, owner.groups));
    SG_TRY(OpenedImage opened, open(owner));
    SG_TRY(const Decision decision, decide_on(opened));
    SG_TRY(const auto keys, keys_of(decision, node_.keystore));
    SG_TRY(StagingOptions options, staging_options(opened, decision, node_.config));
    options.libexec_dir = libexec_dir_;
    answer_.release = release_name(options.release);
    if (options.release == Release::mount) answer_.driver = driver_name(options.mount_driver);
    SG_TRY(const Keyring keyring, load_keyring(node_.keystore, decision));
    SG_TRY(const Bytes bytes, bytes_of(opened, decision, options));
    answer_.digest = "sha256:" + bytes.digest;
    SG_CHECK(check_pin(decision.digest(), answer_.digest));
    return judge_bytes(bytes, decision, keys, keyring, options);
  }

 private:
  Result<OpenedImage> open(const Identity& owner) {
    OpenOptions options = open_options(node_.config, owner);
    options.libexec_dir = libexec_dir_;
    SG_TRY(OpenedImage opened, open_image(asked_.image, asked_.cwd, options));
    answer_.path = opened.canonical_path();
    return opened;
  }

  Result<Decision> decide_on(OpenedImage& opened) {
    Facts facts;
    facts.user = person_.user;
    facts.groups = person_.groups;
    facts.account = asked_.account;
    facts.partition = asked_.partition;
    facts.qos = asked_.qos;
    facts.reservation = asked_.reservation;
    facts.node = asked_.node;
    facts.now = ::time(nullptr);
    SG_TRY(const Policy policy, bindings_of_opened(opened, node_, facts));
    SG_TRY(Decision decision, decide(policy, facts));
    answer_.bindings = decision.bindings();
    answer_.break_glass = decision.break_glass();
    return decision;
  }

  Result<Bytes> bytes_of(OpenedImage& opened, const Decision& decision,
                         const StagingOptions& options) {
    SG_TRY(auto published, open_published(opened, options.published));
    if (published) return published_bytes(*std::move(published), opened, options);
    SG_TRY(const ImageCache cache,
           ImageCache::open(node_.config.cache, node_.config.cache_max_bytes,
                            node_.config.cache_max_bytes_per_user));
    const auto ahead = decision.preloaded() ? cache.preloaded(opened.name()) : std::nullopt;
    if (decision.preloaded() && !ahead) return tl::unexpected(not_preloaded(decision));
    opened.set_deadline(monotonic_ms() + std::int64_t{options.stage_timeout_s} * 1000);
    SG_TRY(Bytes bytes, copied_bytes(opened, cache, options));
    if (ahead && *ahead != bytes.digest) {
      answer_.note =
          "a launch on this node runs what was prefetched under this name (sha256:" + *ahead +
          "); what lies there now was examined";
    }
    return bytes;
  }

  Status judge_bytes(const Bytes& bytes, const Decision& decision,
                     const std::vector<KeyRecord>& keys, const Keyring& keyring,
                     const StagingOptions& options) {
    SG_TRY(const ExaminedFacts examined,
           examine_whole(bytes.fd.get(), bytes.size, keyring.keys, examination_of(options)));
    SG_TRY(const CertifiedFacts facts, certify(examined, answer_.digest, keyring, node_.keystore,
                                               node_.config.revocation, examination_of(options)));
    auto verdict = judge(facts, decision.signers(), ::time(nullptr));
    if (!verdict) {
      if (!admit_unverified(facts, decision)) {
        return tl::unexpected(with_what_signing_leaves(verdict.error(), facts,
                                                       demands_of(decision, options.release)));
      }
      answer_.warning = verdict.error().what();
      return {};
    }
    answer_.signers = verdict->signers();
    SG_TRY(const Admission admission,
           admit(*std::move(verdict), demands_of(decision, options.release)));
    if (keys.empty()) return {};
    const bool own = bytes.in_place && options.release == Release::pem;
    return first_that_opens(keys, Error(Code::internal, "no key to try"),
                            [&](const KeyRecord& key) -> Status {
                              return try_key(key, decision, admission, bytes, own);
                            });
  }

  /// `own`: the image is one for which its key was made, and its own PEM would be released.
  Status try_key(const KeyRecord& key, const Decision& decision, const Admission& admission,
                 const Bytes& bytes, bool own) {
    SG_TRY(const KeyGrant grant, grant_key(decision, admission, key, person_.user, person_.groups));
    SG_TRY(const RsaPrivateKey long_term, node_.keystore.load_private_key(grant.key()));
    SG_CHECK(check_opens(grant, long_term, bytes.fd.get(), admission.facts(), bytes.digest, own));
    answer_.key = key.name;
    if (!grant.break_glass().empty()) answer_.break_glass.push_back(grant.break_glass());
    return {};
  }

  const ImageQuestion& asked_;
  const Node& node_;
  const std::string& libexec_dir_;
  ImageAnswer& answer_;
  Person person_;
};

}  // namespace

Status verify_for(const ImageQuestion& question, const Node& node, const std::string& libexec_dir,
                  ImageAnswer& answer) {
  return Question(question, node, libexec_dir, answer).run();
}

}  // namespace sifguard
