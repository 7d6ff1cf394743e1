// Publishing an image. Root on an admin's host.
#include "helper/publish/publish.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "helper/publish/published_file.h"
#include "helper/publish/reencrypt.h"
#include "helper/publish/source_image.h"
#include "helper/stage/published.h"
#include "keystore/base/text.h"
#include "keystore/policy/images_edit.h"
#include "keystore/store/images_file.h"
#include "keystore/store/site_key.h"

namespace sifguard {
namespace {

constexpr std::size_t kShortDigest = 12;  // digits of the digest in the key's name

Result<std::string> name_of(const PublishRequest& request, const SourceImage& source) {
  std::string name = request.name;
  if (name.empty()) name = std::filesystem::path(source.path).stem().string();
  if (is_name("published-" + name + "-" + std::string(kShortDigest, '0'))) return name;
  return fail(Code::usage, "not a usable name: '" + printable(name, 100) + "'",
              "give one with --name, of A-Z a-z 0-9 . _ -");
}

Status check_free(const std::string& binding, const Policy& policy) {
  const bool taken = std::any_of(policy.bindings.begin(), policy.bindings.end(),
                                 [&](const Binding& each) { return each.name == binding; });
  if (!taken) return {};
  return fail(Code::usage, "there is a binding '" + binding + "' already",
              "choose another --name, or sifctl image unpublish first");
}

/// The site's signer, known to the keystore, so that bindings can name it.
Result<std::string> site_signer(Keystore& keystore, const SigningKey& site) {
  SG_TRY(const std::string pem, site.public_pem());
  SignerRecord record;
  record.id = "spki:" + site.public_half().spki();
  record.label = "the site's own key";
  record.algorithm = site.public_half().algorithm();
  record.names = {record.id};
  SG_CHECK(keystore.add_signer(record, pem));
  return record.id;
}

/// What is written is held against what nodes will ask for, by the sandboxed verifier.
Status check_result(int copy, const std::string& signer, const std::string& public_pem,
                    const ExamineOptions& examination) {
  SignerKeys keys;
  keys.public_keys = {public_pem};
  SG_TRY(const ImageFacts facts, examine_image(copy, keys, examination));
  SignerRequirement required;
  required.any_of = {signer};
  const std::vector<SignerRequirement> all = {required};
  SG_TRY(const Verdict verdict, judge(facts, all, 0));
  return {};
}

Binding binding_for(const Publication& made, const Binding& source) {
  Binding binding = source;
  binding.name = made.binding;
  binding.match = {made.path};
  binding.digest = made.digest;
  binding.signers = SignerRequirement{};
  binding.signers.any_of = {made.signer};
  binding.key = made.key.empty() ? std::nullopt : std::optional(made.key);
  return binding;
}

Status add_key(Publication& made, const OwnKey& own, Keystore& keystore, const std::string& name) {
  made.key = "published-" + name + "-" + made.digest.substr(7, kShortDigest);
  Keystore::NewKey key;
  key.name = made.key;
  key.private_key = &own.key;
  key.image = made.digest;
  key.rule = own.rule;
  key.rule->signers = {made.signer};
  SG_CHECK(keystore.add_key(key));
  return {};
}

Status bind(const Publication& made, const Binding& source, Keystore& keystore) {
  SG_TRY(const FileLock held, lock_images(keystore));
  SG_TRY(const std::string text, images_or_none(keystore));
  SG_TRY(const std::string changed, append_binding(text, binding_for(made, source)));
  return keystore.replace_images_text(changed);
}

}  // namespace

Result<Publication> publish_image(const PublishRequest& request, Node& node,
                                  const ExamineOptions& examination) {
  SG_TRY(const Policy policy, node.policy.all());
  SG_TRY(const SourceImage source, open_source(request.image, policy));
  SG_TRY(const std::string name, name_of(request, source));
  Publication made;
  made.source = source.path;
  made.bound_by = source.binding.name;
  made.path = node.config.published + "/" + name + ".sif";
  made.binding = "published-" + name;
  SG_CHECK(check_free(made.binding, policy));

  SG_TRY(PublishedFile file, PublishedFile::create(node.config.published, request.trust));
  SG_CHECK(file.copy(source.fd.get(), source.size, printable(source.path), request.on_copied));
  SG_TRY(const UniqueFd copy, file.read_only());
  SG_TRY(const VerifiedImage verified, verify_source(source, copy.get(), node, examination));
  made.verified = verified.verdict.signers();
  made.digest = "sha256:" + verified.digest;
  SG_TRY(const auto own, reencrypt(file.fd(), source, verified, node.keystore));
  if (request.dry_run) return made;

  SG_TRY(const SigningKey site, site_key(node.keystore));
  SG_TRY(made.signer, site_signer(node.keystore, site));
  SG_CHECK(resign(file.fd(), site));
  SG_TRY(const std::string site_pem, site.public_pem());
  SG_CHECK(check_result(copy.get(), made.signer, site_pem, examination));
  struct stat st {};
  if (::fstat(copy.get(), &st) != 0) return fail_errno(Code::internal, "fstat", errno);
  SG_TRY(
      const Sha256Digest digest,
      digest_of_file(copy.get(), static_cast<std::uint64_t>(st.st_size), examination.deadline_ms));
  made.digest = "sha256:" + to_hex(digest);
  if (own) SG_CHECK(add_key(made, *own, node.keystore, name));
  SG_CHECK(file.name(name + ".sif"));
  SG_CHECK(bind(made, source.binding, node.keystore));
  return made;
}

}  // namespace sifguard
