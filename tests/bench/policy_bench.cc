// A keystore of many bindings and keys: what a launch reads of it, and what sifctl lists.
// Arguments: bindings (keys: a tenth of them). Run as root, or as anybody, who then owns the
// keystore. The ratio of 10000 to 1000 shows how each grows. Tests only.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <memory>

#include "keystore/store/meta.h"
#include "keystore/store/policy_reader.h"
#include "tests/unit/base/temp_dir.h"
#include "tests/unit/policy/names.h"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace sifguard {
namespace {

std::string number(std::int64_t value, int digits) {
  std::string text = std::to_string(value);
  text.insert(0, static_cast<std::size_t>(digits) - text.size(), '0');
  return text;
}

std::string policy_of(std::int64_t bindings) {
  std::string text = "version: 1\ndefault: reject\nimages:\n";
  for (std::int64_t i = 0; i < bindings; ++i) {
    const std::string name = "image-" + number(i, 5);
    text += "  - name: " + name + "\n    match: [\"/apps/project" + number(i % 100, 2) + "/" +
            name + "*.sif\"]\n    signing_key: {fingerprint: " + std::string(36, 'A') +
            number(i % 50, 4) + "}\n    encryption: {key: key-" + number(i % (bindings / 10), 5) +
            "}\n    allow: {users: [\"*\"], groups: [group" + number(i % 200, 3) +
            "], partitions: [secure]}\n";
  }
  return text;
}

/// A keystore whose keys are records alone: no private half is read here.
class Store {
 public:
  explicit Store(std::int64_t bindings) {
    const Trust trust{::geteuid()};
    const std::string path = dir_ / "store";
    if (!Keystore::init(path, trust)) return;
    for (std::int64_t i = 0; i < bindings / 10; ++i) {
      KeyRecord key;
      key.id = number(i, 64);
      key.name = "key-" + number(i, 5);
      key.bits = 4096;
      key.created = 1700000000;
      key.state_since = key.created;
      key.rule.signers = {std::string(40, 'A')};
      key.rule.everyone = true;
      const std::string entry = path + "/keys/" + key.id;
      ::mkdir(entry.c_str(), 0700);
      test::write_file(entry + "/meta.json", key_meta(key));
      test::write_file(entry + "/public.pem", "");
    }
    if (auto opened = Keystore::open(path, trust)) store_.emplace(*std::move(opened));
    if (store_ && !store_->replace_images_text(policy_of(bindings))) store_.reset();
    if (store_) (void)PolicyReader::load(*store_);  // the first to read it makes the index
  }
  [[nodiscard]] const Keystore* get() const { return store_ ? &*store_ : nullptr; }
  [[nodiscard]] const test::TempDir& dir() const { return dir_; }

 private:
  test::TempDir dir_;
  std::optional<Keystore> store_;
};

const Store& store_of(std::int64_t bindings) {
  static std::map<std::int64_t, std::unique_ptr<Store>> made;
  auto& store = made[bindings];
  if (!store) store = std::make_unique<Store>(bindings);
  return *store;
}

Facts facts() {
  Facts all;
  all.user = "alice";
  all.groups = {"group077"};
  all.partition = "secure";
  all.image_names = test::named({"/apps/project77/image-00077.sif"});
  return all;
}

/// What a launch reads and decides, from the file on.
void decision(benchmark::State& state) {
  const Keystore* const keystore = store_of(state.range(0)).get();
  for (auto _ : state) {
    const auto reader = PolicyReader::load(*keystore);
    const auto policy = reader->bindings_for(facts().image_names);
    if (!decide(*policy, facts())) return state.SkipWithError("not allowed");
  }
}

/// The same where no index can be written.
void decision_without_index(benchmark::State& state) {
  const Keystore* const keystore = store_of(state.range(0)).get();
  for (auto _ : state) {
    const auto policy = parse_policy(keystore->images_text().value());
    if (!decide(*policy, facts())) return state.SkipWithError("not allowed");
  }
}

void whole_policy(benchmark::State& state) {
  const Keystore* const keystore = store_of(state.range(0)).get();
  for (auto _ : state) {
    const auto policy = PolicyReader::load(*keystore)->all();
    if (!policy) return state.SkipWithError("not read");
  }
}

void all_keys(benchmark::State& state) {
  const Keystore* const keystore = store_of(state.range(0)).get();
  for (auto _ : state) {
    if (!keystore->keys()) return state.SkipWithError("not read");
  }
}

/// A launch looks for the key of its binding and those that replace it.
void one_key(benchmark::State& state) {
  const Keystore* const keystore = store_of(state.range(0)).get();
  for (auto _ : state) {
    if (!keystore->key_and_successors("key-00077")) return state.SkipWithError("not found");
  }
}

/// A whole run of sifctl, from its start to its end.
void run_sifctl(benchmark::State& state, std::vector<std::string> words, int want = 0) {
  const Store& store = store_of(state.range(0));
  const std::string program = SIFGUARD_BIN "/sifctl";
  words.insert(words.begin(), {program, "--keystore", store.dir() / "store"});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t quiet{};
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  for (auto _ : state) {
    pid_t child = 0;
    int status = 0;
    if (::posix_spawn(&child, program.c_str(), &quiet, nullptr, argv.data(), environ) != 0 ||
        ::waitpid(child, &status, 0) != child || WEXITSTATUS(status) != want) {
      state.SkipWithError("sifctl failed");
      break;
    }
  }
  posix_spawn_file_actions_destroy(&quiet);
}

/// Refused, because root is in none of the groups: it is explained all the same.
void sifctl_explain(benchmark::State& state) {
  run_sifctl(state,
             {"explain", "--user", "root", "--image", facts().image_names.known.front().text()},
             77);
}
void sifctl_image_list(benchmark::State& state) {
  run_sifctl(state, {"image", "list"});
}
void sifctl_key_list(benchmark::State& state) {
  run_sifctl(state, {"key", "list"});
}

BENCHMARK(decision)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(decision_without_index)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_policy)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(all_keys)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(one_key)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(sifctl_explain)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(sifctl_image_list)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(sifctl_key_list)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace sifguard
