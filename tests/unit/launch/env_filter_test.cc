// Which of the job's variables reach the runtime.
#include "helper/launch/env_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

const std::string kPath = "PATH=" + std::string(kSafePath);

std::vector<std::string> filter(const std::vector<std::string_view>& job,
                                const std::vector<std::string>& over = {},
                                const std::vector<std::string>& copied = {},
                                const std::vector<std::string>& dropped = {}) {
  LaunchPlan plan;
  plan.environment = over;
  plan.copied = copied;
  plan.dropped = dropped;
  return filter_environment(job, plan, [](const std::string& path) { return path == "/good"; });
}

TEST(EnvFilter, DropsEveryHostileVariable) {
  for (const std::string_view variable : {"APPTAINER_BIND=/:/x",
                                          "APPTAINER_ENCRYPTION_PEM_PATH=/x",
                                          "APPTAINER_TMPDIR=/x",
                                          "APPTAINER_=1",
                                          "SINGULARITY_BINDPATH=/x",
                                          "SINGULARITY_ENCRYPTION_PEM_DATA=x",
                                          "LD_PRELOAD=/x.so",
                                          "LD_LIBRARY_PATH=/x",
                                          "LD_AUDIT=/x",
                                          "LD_DEBUG_OUTPUT=/x",
                                          "GODEBUG=x",
                                          "GOTRACEBACK=crash",
                                          "GOCOVERDIR=/x",
                                          "BASH_ENV=/x",
                                          "ENV=/x",
                                          "BASH_FUNC_ls%%=() { :; }",
                                          "SHELLOPTS=xtrace",
                                          "BASHOPTS=x",
                                          "PS4=$(id)",
                                          "IFS=x",
                                          "CDPATH=/x",
                                          "GLOBIGNORE=x",
                                          "PYTHONPATH=/x",
                                          "PYTHONSTARTUP=/x",
                                          "PERL5LIB=/x",
                                          "PERL5OPT=-Mx",
                                          "GCONV_PATH=/x",
                                          "GETCONF_DIR=/x",
                                          "LOCPATH=/x",
                                          "NLSPATH=/x",
                                          "MALLOC_CHECK_=3",
                                          "MALLOC_TRACE=/x",
                                          "GLIBC_TUNABLES=x",
                                          "HOSTALIASES=/x",
                                          "LOCALDOMAIN=x",
                                          "RES_OPTIONS=x",
                                          "RESOLV_HOST_CONF=/x",
                                          "FUSERMOUNT_PROG=/x",
                                          "OPENSSL_CONF=/x",
                                          "OPENSSL_MODULES=/x",
                                          "OPENSSL_ENGINES=/x",
                                          "_SLURM_SPANK_OPTION_sifguard_sif_verify=/x",
                                          "SLURM_SPANK__SLURM_SPANK_OPTION_sifguard_sif_nv=",
                                          "SIFGUARD_CONFIG=/x"}) {
    EXPECT_THAT(filter({variable}), ElementsAre(kPath)) << variable;
  }
}

TEST(EnvFilter, KeepsWhatTheJobNeeds) {
  const std::vector<std::string_view> job{
      "HOME=/home/alice", "SLURM_JOB_ID=1", "PMI_FD=9",       "PMIX_RANK=0",
      "EMPTY=",           "A=B=C",          "GOMAXPROCS=2",   "APPTAINERENV_LD_PRELOAD=/in.so",
      "MULTI=a\nb",       "LC_ALL=C",       "ENVIRONMENT=x",  "SINGULARITYENV_PATH=/in",
      "XLD_PRELOAD=x",    "ld_preload=x",   "CUDA_VISIBLE=1", "http_proxy=http://x"};
  std::vector<std::string> expected(job.begin(), job.end());
  expected.push_back(kPath);
  EXPECT_THAT(filter(job), testing::UnorderedElementsAreArray(expected));
}

TEST(EnvFilter, ReplacesThePath) {
  EXPECT_THAT(filter({"PATH=/home/mallory/bin:/usr/bin"}), ElementsAre(kPath));
  EXPECT_THAT(filter({}), ElementsAre(kPath));
}

TEST(EnvFilter, DropsMalformedEntries) {
  EXPECT_THAT(filter({"", "=", "=x", "NOVALUE", "LD_PRELOAD"}), ElementsAre(kPath));
}

TEST(EnvFilter, KeepsTheFirstOfARepeatedName) {
  EXPECT_THAT(filter({"A=1", "A=2", "A=3"}), UnorderedElementsAre("A=1", kPath));
}

TEST(EnvFilter, AsksAboutTmpdir) {
  EXPECT_THAT(filter({"TMPDIR=/good"}), UnorderedElementsAre("TMPDIR=/good", kPath));
  EXPECT_THAT(filter({"TMPDIR=/bad"}), ElementsAre(kPath));
  EXPECT_THAT(filter({"TMPDIR="}), ElementsAre(kPath));
  // A refused first value does not make room for a second.
  EXPECT_THAT(filter({"TMPDIR=/bad", "TMPDIR=/good"}), ElementsAre(kPath));
}

TEST(EnvFilter, ThePlansVariablesWin) {
  EXPECT_THAT(filter({"A=job", "B=job"}, {"A=plan"}),
              UnorderedElementsAre("A=plan", "B=job", kPath));
  // Root may set what the user may not.
  EXPECT_THAT(filter({}, {"APPTAINER_CACHEDIR=/c"}), Contains("APPTAINER_CACHEDIR=/c"));
  EXPECT_THAT(filter({"PATH=/x"}, {"PATH=/opt/bin"}), ElementsAre("PATH=/opt/bin"));
}

TEST(EnvFilter, CopiesUnderAnotherName) {
  EXPECT_THAT(filter({"A=1=2", "A=3"}, {}, {"X_A=A"}),
              UnorderedElementsAre("X_A=1=2", "A=1=2", kPath));
  EXPECT_THAT(filter({"A="}, {}, {"X_A=A"}), UnorderedElementsAre("X_A=", "A=", kPath));
  // What the job does not have stays unset, and what it sets itself under that name gives way.
  EXPECT_THAT(filter({"AB=1"}, {}, {"X_A=A"}), UnorderedElementsAre("AB=1", kPath));
  EXPECT_THAT(filter({"X_A=job", "A=1"}, {}, {"X_A=A"}),
              UnorderedElementsAre("X_A=1", "A=1", kPath));
  // A variable of the container's may be one that the runtime itself must not see.
  EXPECT_THAT(filter({"LD_PRELOAD=/in.so"}, {}, {"APPTAINERENV_LD_PRELOAD=LD_PRELOAD"}),
              UnorderedElementsAre("APPTAINERENV_LD_PRELOAD=/in.so", kPath));
  EXPECT_THAT(filter({"A=1"}, {"X_A=plan"}, {"X_A=A"}),
              UnorderedElementsAre("X_A=plan", "A=1", kPath));
  EXPECT_THAT(filter({"=1", "A=1"}, {}, {"X_A="}), UnorderedElementsAre("A=1", kPath));
}

std::vector<std::string> filter_inner(const std::vector<std::string_view>& job,
                                      const std::string& prefix = "APPTAINERENV_") {
  LaunchPlan plan;
  plan.inner_prefix = prefix;
  plan.environment = {"APPTAINERENV_PYTHONCHOSEN=plan"};
  auto environment = filter_environment(job, plan, [](const std::string&) { return false; });
  environment.erase(environment.begin());
  return environment;
}

TEST(EnvFilter, HandsSomeToTheContainerAlone) {
  // The image's own value stands.
  EXPECT_THAT(
      filter_inner({"PYTHONUNBUFFERED=1", "PERL5LIB=/a b:/c", "MALLOC_ARENA_MAX=2",
                    "OPENSSL_ia32cap=~0x2", "NLSPATH=%l,%N", "LOCPATH=", "ENV=x", "GODEBUG=a=1",
                    "GOTRACEBACK=all", "GOCOVERDIR=/c", "HOSTALIASES=/h", "LOCALDOMAIN=d",
                    "RES_OPTIONS=timeout:1"}),
      UnorderedElementsAre(
          "APPTAINERENV_PYTHONUNBUFFERED=${PYTHONUNBUFFERED-1}",
          "APPTAINERENV_PERL5LIB=${PERL5LIB-/a b:/c}",
          "APPTAINERENV_MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX-2}",
          "APPTAINERENV_OPENSSL_ia32cap=${OPENSSL_ia32cap-$(printf '\\176')0x2}",
          "APPTAINERENV_NLSPATH=${NLSPATH-%l,%N}", "APPTAINERENV_LOCPATH=${LOCPATH-}",
          "APPTAINERENV_ENV=${ENV-x}", "APPTAINERENV_GODEBUG=${GODEBUG-a=1}",
          "APPTAINERENV_GOTRACEBACK=${GOTRACEBACK-all}", "APPTAINERENV_GOCOVERDIR=${GOCOVERDIR-/c}",
          "APPTAINERENV_HOSTALIASES=${HOSTALIASES-/h}", "APPTAINERENV_LOCALDOMAIN=${LOCALDOMAIN-d}",
          "APPTAINERENV_RES_OPTIONS=${RES_OPTIONS-timeout:1}", kPath));
  EXPECT_THAT(filter_inner({"PYTHONPATH=/x"}, "SINGULARITYENV_"),
              UnorderedElementsAre("SINGULARITYENV_PYTHONPATH=${PYTHONPATH-/x}", kPath));
}

TEST(EnvFilter, EscapesWhatTheRuntimesShellWouldRead) {
  EXPECT_THAT(filter_inner({R"(PYTHONA=$(id) `id`)", "PYTHONB=}", "PYTHONC=a\nb"}),
              UnorderedElementsAre(
                  R"(APPTAINERENV_PYTHONA=${PYTHONA-$(printf '\044\050')id$(printf '\051') )"
                  R"($(printf '\140')id$(printf '\140')})",
                  R"(APPTAINERENV_PYTHONB=${PYTHONB-$(printf '\175')})",
                  "APPTAINERENV_PYTHONC=${PYTHONC-a\nb}", kPath));
}

TEST(EnvFilter, HandsOverWhatTheRuntimeWouldChange) {
  EXPECT_THAT(filter_inner({"JOB=caf\xe9", "NAME=a\\u000Ab"}),
              UnorderedElementsAre("APPTAINERENV_JOB=${JOB-caf$(printf '\\351')}", "JOB=caf\xe9",
                                   "APPTAINERENV_NAME=${NAME-a$(printf '\\134')u000Ab}",
                                   "NAME=a\\u000Ab", kPath));
  EXPECT_THAT(filter_inner({"JOB=caf\xc3\xa9 $(id)", "NAME=a\r\nb"}),
              UnorderedElementsAre("JOB=caf\xc3\xa9 $(id)", "NAME=a\r\nb", kPath));
}

TEST(EnvFilter, EscapesWhatIsCopied) {
  EXPECT_THAT(filter({R"(TOKEN=p$HOME w`id`\x)"}, {}, {"APPTAINERENV_TOKEN=TOKEN"}),
              UnorderedElementsAre(R"(APPTAINERENV_TOKEN=p\$HOME w\`id\`\\x)",
                                   R"(TOKEN=p$HOME w`id`\x)", kPath));
  // Runtimes of old do not escape a double quote themselves.
  EXPECT_THAT(filter({R"(TOKEN=p$HOME"w`id`\x)"}, {}, {"APPTAINERENV_TOKEN=TOKEN"}),
              UnorderedElementsAre(R"(APPTAINERENV_TOKEN=p$(printf '\044')HOME$(printf '\042')w)"
                                   R"($(printf '\140')id$(printf '\140\134')x)",
                                   R"(TOKEN=p$HOME"w`id`\x)", kPath));
}

TEST(EnvFilter, KeepsTheHostileFromTheContainerToo) {
  for (const std::string_view variable :
       {"LD_PRELOAD=/x.so", "LD_LIBRARY_PATH=/x", "BASH_ENV=/x", "BASH_FUNC_ls%%=() { :; }",
        "SHELLOPTS=xtrace", "BASHOPTS=x", "PS4=$(id)", "IFS=x", "CDPATH=/x", "GLOBIGNORE=x",
        "GLIBC_TUNABLES=x", "GCONV_PATH=/x", "GETCONF_DIR=/x", "RESOLV_HOST_CONF=/x",
        "FUSERMOUNT_PROG=/x", "APPTAINER_BIND=/", "SINGULARITY_BIND=/", "SIFGUARD_X=1",
        // not names of a shell's: they would end the runtime's own line
        "PYTHON;id;=1", "PYTHON X=1", "MALLOC_%%=1", "PERL5-X=1", "OPENSSL_\n=1",
        "PYTHON\xc3\xa4=1"}) {
    EXPECT_THAT(filter_inner({variable}), ElementsAre(kPath)) << variable;
  }
}

TEST(EnvFilter, HandsNothingOverWhatWasChosen) {
  EXPECT_THAT(filter_inner({"PYTHONCHOSEN=job"}), ElementsAre(kPath));
  EXPECT_THAT(filter_inner({"PYTHONA=1", "APPTAINERENV_PYTHONA=2"}),
              UnorderedElementsAre("APPTAINERENV_PYTHONA=2", kPath));
  EXPECT_THAT(filter_inner({"PYTHONA=1", "SINGULARITYENV_PYTHONA=2"}),
              UnorderedElementsAre("SINGULARITYENV_PYTHONA=2", kPath));
  EXPECT_THAT(filter_inner({"PYTHONA=1", "PYTHONA=2"}),
              UnorderedElementsAre("APPTAINERENV_PYTHONA=${PYTHONA-1}", kPath));
  EXPECT_THAT(filter_inner({"PYTHONA=1"}, ""), ElementsAre(kPath));
}

TEST(EnvFilter, DropsWhatThePlanSays) {
  EXPECT_THAT(filter({"APPTAINERENV_A=1", "APPTAINERENV_=1", "APPTAINERENVA=1", "A=1"}, {},
                     {"APPTAINERENV_B=A"}, {"APPTAINERENV_"}),
              UnorderedElementsAre("APPTAINERENVA=1", "A=1", "APPTAINERENV_B=1", kPath));
}

}  // namespace
}  // namespace sifguard
