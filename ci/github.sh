#!/usr/bin/env bash
# The step "Compare" of action.yml: reports, a summary and annotations; exits as modecollapse compare does.
set -uo pipefail

mkdir -p "$REPORTS"
rm -f "$REPORTS"/report.{json,html,md} "$REPORTS/junit.xml"
read -r -d '' -a options <<<"$OPTIONS"

modecollapse compare "$BASE" "$NEW" --quiet --format github "${options[@]}" \
  -o "$REPORTS/report.json" -o "$REPORTS/report.html" -o "$REPORTS/report.md" -o "$REPORTS/junit.xml"
status=$?

if [ -f "$REPORTS/report.json" ]; then
  cat "$REPORTS/report.md" >>"$GITHUB_STEP_SUMMARY"
  python - "$REPORTS/report.json" >>"$GITHUB_OUTPUT" <<'PYTHON'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
print(f"verdict={report['verdict']}\ngate={report['gate']['outcome']}")
PYTHON
fi
exit "$status"
