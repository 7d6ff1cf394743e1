// From an opened image to one that is staged and examined. Root.
#include "helper/pipeline/staging.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "helper/pipeline/person.h"
#include "helper/release/admission.h"
#include "helper/stage/filesystem_type.h"
#include "helper/stage/published.h"
#include "helper/verify/examine.h"
#include "keystore/base/human_size.h"
#include "keystore/base/text.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

/// Tells that something takes its time as long as it lives.
class Doing {
 public:
  Doing(const StagingOptions& options, const char* what, const OpenedImage& opened)
      : tell_(options.tell) {
    if (!tell_) return;
    const std::uint64_t size = opened.identity().size;
    tell_(what + opened.canonical_path() + (size == 0 ? "" : " (" + human_size(size) + ")"));
  }
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;
  ~Doing() {
    if (tell_) tell_("");
  }

 private:
  const TellDoing& tell_;
};

}  // namespace

OpenOptions open_options(const Config& config, Identity owner) {
  OpenOptions options;
  options.libexec_dir = SIFGUARD_LIBEXEC_DIR;
  options.plain_registries = config.plain_registries;
  options.library = config.library;
  options.owner = std::move(owner);
  options.deadline_ms = monotonic_ms() + std::int64_t{config.stage_timeout_s} * 1000;
  return options;
}

Release release_for(const Decision& decision, const Config& config) {
  return decision.release().value_or(config.release);
}

Result<StagingOptions> staging_options(const OpenedImage& opened, const Decision& decision,
                                       const Config& config) {
  StagingOptions options;
  options.release = release_for(decision, config);
  options.mount_driver = config.mount_driver;
  options.squashfuse = config.squashfuse;
  options.libexec_dir = SIFGUARD_LIBEXEC_DIR;
  options.scratch_dir = SIFGUARD_RUN_DIR;
  options.gpg = config.gpg;
  SG_TRY(options.verifier, find_service_account(config.verifier_user));
  options.image_max_bytes = config.image_max_bytes;
  options.published = config.published;
  options.stage_timeout_s = config.stage_timeout_s;
  options.verify_timeout_s = config.verify_timeout_s;
  options.trust_identity = opened.identity().filesystem_id != 0 &&
                           (opened.remote() || is_trusted_filesystem(opened.identity().filesystem,
                                                                     config.trusted_filesystems));
  return options;
}

ExamineOptions examination_of(const StagingOptions& options) {
  ExamineOptions examination;
  examination.libexec_dir = options.libexec_dir;
  examination.gpg = options.gpg;
  examination.identity = options.verifier;
  examination.scratch_dir = options.scratch_dir;
  examination.deadline_ms = monotonic_ms() + std::int64_t{options.verify_timeout_s} * 1000;
  return examination;
}

/// The ways to a StagedImage, in the order in which they are tried.
class Staging {
 public:
  Staging(const Decision& decision, const ImageCache& cache, const Keyring& keyring,
          const std::vector<std::string>& key_ids, const StagingOptions& options)
      : decision_(decision),
        cache_(cache),
        keyring_(keyring),
        key_ids_(key_ids),
        options_(options) {}

  /// The same file as last time; or what a registry says it would send, if it has sent that to this
  /// user before or root had it staged under this name: a word alone is no proof that the user can
  /// get the bytes, whoever it was that the cache has them from.
  [[nodiscard]] std::optional<StagedImage> from_identity(const OpenedImage& opened) const {
    if (const std::string& promised = opened.promised_digest(); !promised.empty()) {
      const bool believed =
          cache_.has_fetched(options_.uid, promised) || cache_.preloaded(opened.name()) == promised;
      return believed ? from_cache(promised) : std::nullopt;
    }
    if (!options_.trust_identity) return std::nullopt;
    const auto digest = cache_.digest_of(opened.identity());
    return digest ? from_cache(*digest) : std::nullopt;
  }

  /// What another task of this user copied, from this file as it was and still is, since this one
  /// opened it: no other bytes would come of one more copy, wherever the file lies. What a server
  /// sends may have been made ready before it is asked for.
  [[nodiscard]] std::optional<StagedImage> from_turn(const OpenedImage& opened,
                                                     const CopyTurn& turn) const {
    if (opened.remote()) return std::nullopt;
    const auto digest = turn.digest_since(opened.opened_ns());
    return digest ? from_cache(*digest) : std::nullopt;
  }

  /// The file is root's own, so that its identity is believed on any file system.
  [[nodiscard]] Result<StagedImage> in_place(UniqueFd file, const OpenedImage& opened) const {
    const FileIdentity& identity = opened.identity();
    const Doing doing(options_, "verifying ", opened);
    const auto known = cache_.digest_of(identity);
    std::string digest = known.value_or("");
    if (!known) {
      SG_TRY(const Sha256Digest read,
             digest_of_file(file.get(), identity.size, examination_of(options_).deadline_ms));
      digest = to_hex(read);
    }
    SG_CHECK(check_digest(digest));
    SG_TRY(EntryRecord record, record_in_place(file.get(), identity.size, digest));
    // Not to be remembered costs the next launch a pass over the file, and no more.
    if (!known && is_settled(identity)) (void)cache_.remember(identity, digest, options_.uid);
    StagedImage staged(std::move(record));
    staged.in_place_ = std::move(file);
    return staged;
  }

  /// What was staged ahead of jobs under this name, whatever lies there now.
  [[nodiscard]] Result<StagedImage> preloaded(const ImageName& name) const {
    const auto digest = cache_.preloaded(name);
    if (digest) {
      if (auto cached = from_cache(*digest)) return *std::move(cached);
    }
    return tl::unexpected(not_preloaded(decision_));
  }

  [[nodiscard]] Result<CopyTurn> turn(const OpenedImage& opened, std::int64_t limit_ms) const {
    const Doing doing(options_, "waiting for another's copy of ", opened);
    return cache_.copy_turn(options_.uid, opened.identity(), limit_ms);
  }

  [[nodiscard]] Result<StagedImage> fresh(OpenedImage& opened, CopyTurn turn) const {
    const bool remember = options_.trust_identity && is_settled(opened.identity());
    CopyLimits limits;
    limits.max_bytes = options_.image_max_bytes;
    turn.begin();
    limits.reserve = [&](std::uint64_t bytes) { return cache_.reserve(turn, bytes); };
    SG_TRY(PrivateCopy copy, copy(opened, limits));
    const std::string digest = to_hex(copy.digest);
    SG_CHECK(check_digest(digest));
    if (!opened.promised_digest().empty() && opened.promised_digest() != digest) {
      return fail(Code::temporary, "the registry sent another image than it had announced",
                  "try again");
    }
    if (auto cached = from_cache(digest)) {
      if (remember) (void)cache_.remember(opened.identity(), digest, options_.uid);
      if (opened.remote()) (void)cache_.remember_fetched(options_.uid, digest);
      (void)turn.finish(digest);
      return *std::move(cached);
    }
    SG_TRY(ExaminedFacts facts, verify(opened, copy));
    StagedImage staged(EntryRecord{{digest, keyring_.digest, {}}, std::move(facts), {}});
    staged.copy_ = std::move(copy);
    staged.turn_ = std::move(turn);
    if (remember) staged.identity_ = opened.identity();
    staged.fetched_ = opened.remote();
    staged.name_ = opened.canonical_path();
    return staged;
  }

  [[nodiscard]] Status check_digest(const std::string& digest) const {
    return check_pin(decision_.digest(), "sha256:" + digest);
  }

 private:
  [[nodiscard]] Result<EntryRecord> record_in_place(int file, std::uint64_t size,
                                                    const std::string& digest) const {
    const EntryKey key{digest, keyring_.digest, {}};
    if (auto known = cache_.facts_of(key)) return *std::move(known);
    SG_TRY(ExaminedFacts facts, examine_whole(file, size, keyring_.keys, examination_of(options_)));
    EntryRecord record{key, std::move(facts), {}};
    SG_CHECK(cache_.remember_facts(record));
    return record;
  }

  [[nodiscard]] Result<PrivateCopy> copy(OpenedImage& opened, const CopyLimits& limits) const {
    const Doing doing(options_, "copying ", opened);
    return copy_image(opened, cache_.staging_fd(), limits);
  }

  [[nodiscard]] Result<ExaminedFacts> verify(const OpenedImage& opened,
                                             const PrivateCopy& copy) const {
    const Doing doing(options_, "verifying ", opened);
    // The verifier gets a descriptor that cannot write.
    SG_TRY(const UniqueFd read_only, reopen_read_only(copy.fd.get()));
    return examine_whole(read_only.get(), copy.size, keyring_.keys, examination_of(options_));
  }

  [[nodiscard]] std::optional<StagedImage> from_cache(const std::string& digest) const {
    std::optional<CacheEntry> entry;
    if (key_ids_.empty()) entry = cache_.find({digest, keyring_.digest, {}});
    for (const std::string& key_id : key_ids_) {
      if ((entry = cache_.find({digest, keyring_.digest, key_id, options_.release}))) break;
    }
    if (!entry) return std::nullopt;
    StagedImage staged(entry->record);
    staged.entry_ = *std::move(entry);
    return staged;
  }

  const Decision& decision_;
  const ImageCache& cache_;
  const Keyring& keyring_;
  const std::vector<std::string>& key_ids_;
  const StagingOptions& options_;
};

Error not_preloaded(const Decision& decision) {
  return {Code::denied,
          "the image is not preloaded on this node, as binding '" + decision.bindings().front() +
              "' demands",
          "ask the administrator: sifctl image prefetch"};
}

std::string StagedImage::source() const {
  return entry_ ? entry_->image_path : "/proc/self/fd/" + std::to_string(in_place_.get());
}

Result<UniqueFd> StagedImage::open() const {
  UniqueFd image(::open(source().c_str(), O_RDONLY | O_CLOEXEC));
  if (image.valid()) return image;
  return fail_errno(Code::internal, "cannot open the staged image", errno);
}

Status StagedImage::remember_content_key(const ImageCache& cache, std::vector<std::byte> sealed) {
  record_.sealed_content_key = std::move(sealed);
  return in_place_.valid() ? cache.remember_facts(record_) : cache.remember_content_key(record_);
}

Status StagedImage::publish(const ImageCache& cache, const EntryRecord& record,
                            std::span<const std::byte> pristine_message) {
  if (entry_ || in_place_.valid()) return {};
  SG_TRY(entry_, cache.publish(*std::exchange(copy_, std::nullopt), record, pristine_message,
                               {turn_->uid(), name_}));
  record_ = entry_->record;
  // Not to be remembered costs the next launch a copy, and no more.
  if (identity_) (void)cache.remember(*identity_, record_.digest, turn_->uid());
  if (fetched_) (void)cache.remember_fetched(turn_->uid(), record_.digest);
  (void)turn_->finish(record_.digest);
  turn_.reset();
  return {};
}

std::vector<KeyRecord> candidates(const StagedImage& staged, const std::vector<KeyRecord>& keys) {
  std::vector<KeyRecord> some;
  for (const KeyRecord& key : keys) {
    if (staged.entry() == nullptr || staged.record().key_id == key.id) some.push_back(key);
  }
  return some;
}

Result<StagedImage> stage_image(OpenedImage opened, const Decision& decision,
                                const Keyring& keyring, const ImageCache& cache,
                                const std::vector<std::string>& key_ids,
                                const StagingOptions& options) {
  const Staging staging(decision, cache, keyring, key_ids, options);
  SG_TRY(auto published, open_published(opened, options.published));
  if (published) return staging.in_place(*std::move(published), opened);
  if (decision.preloaded() && !decision.for_staging()) {
    SG_TRY(StagedImage preloaded, staging.preloaded(opened.name()));
    SG_CHECK(staging.check_digest(preloaded.digest()));
    return preloaded;
  }
  auto staged = staging.from_identity(opened);
  if (!staged) {
    // The wait for another task's copy of the same file, and the reason to look once more.
    const std::int64_t limit_ms = std::int64_t{options.stage_timeout_s} * 1000;
    SG_TRY(CopyTurn turn, staging.turn(opened, limit_ms));
    opened.set_deadline(monotonic_ms() + limit_ms);
    staged = staging.from_identity(opened);
    if (!staged) staged = staging.from_turn(opened, turn);
    if (!staged) return staging.fresh(opened, std::move(turn));
  }
  SG_CHECK(staging.check_digest(staged->digest()));
  return *std::move(staged);
}

}  // namespace sifguard
