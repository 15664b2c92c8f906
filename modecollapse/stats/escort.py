"""Is the new model one temperature of the base? From known next-token distributions, without estimating p.

At a context (a prompt and the same tokens after it) the base gives p and the new model q. Token temperature makes every
q an escort of its p, q ∝ p^β (Beck & Schlögl 1993), with one β for all contexts. The p^β of one p are an exponential
family in β, so the β̂ that minimises Σ KL(q ‖ p^β/Z), contexts weighted by the texts that pass, solves
Σ E_β[log p] = Σ E_q[log p], and the divergence splits (Pythagoras; Csiszár 1975):

    Σ KL(q ‖ p) = Σ KL(q ‖ p_β̂) + Σ KL(p_β̂ ‖ p).

The second part is what one temperature explains; as a share of the whole it is the R² of Cameron & Windmeijer (1997).
With counts of new tokens in place of q the same β̂ is the maximum-likelihood estimate.

Beyond the cut. An escort restricted to any set of tokens is an escort of the restriction with the same β, so both sides
are normalised over what is listed, and no tail is lumped or extrapolated. Under the null both sides list the same
tokens. Where they don't, the union is taken, and a token that one side does not list stands there at the most it can
have: that side's smallest listed probability, or an equal part of the mass that its list leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.interpolate import CubicHermiteSpline

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BETAS: Floats = np.exp(np.linspace(np.log(0.05), np.log(20.0), 160))
"""Inverse temperatures between which the projection is interpolated; an estimate at an end means "beyond"."""

FEWEST_PROMPTS = 3

SMALLEST_DIVERGENCE = 0.005
"""Nats per token that a temperature of 0.95 makes on an open context: below it there is nothing to explain."""

_LEAST = 1e-9


@dataclass(frozen=True)
class Contexts:
    """Next tokens at contexts. Items are (context, token) pairs listed by either side, grouped by context.

    ``context``, ``base``, ``new`` (probabilities, NaN where that side does not list the token), ``base_count`` and
    ``new_count`` (texts that go on so) have shape ``(items,)``; ``prompt``, ``base_texts`` and ``new_texts`` (texts
    that pass) ``(contexts,)``.
    """

    context: Ints
    base: Floats
    new: Floats
    base_count: Ints
    new_count: Ints
    prompt: Ints
    base_texts: Ints
    new_texts: Ints

    def __len__(self) -> int:
        return len(self.prompt)

    def take(self, items: NDArray[np.bool_]) -> Contexts:
        """The items where ``items`` is true, without contexts that keep fewer than two: those tell nothing."""
        left = np.bincount(self.context[items], minlength=len(self)) >= 2
        items = items & left[self.context]
        return Contexts(
            context=(np.cumsum(left) - 1)[self.context[items]],
            base=self.base[items],
            new=self.new[items],
            base_count=self.base_count[items],
            new_count=self.new_count[items],
            prompt=self.prompt[left],
            base_texts=self.base_texts[left],
            new_texts=self.new_texts[left],
        )

    def swapped(self) -> Contexts:
        """The same contexts with the sides exchanged."""
        return Contexts(
            self.context,
            base=self.new,
            new=self.base,
            base_count=self.new_count,
            new_count=self.base_count,
            prompt=self.prompt,
            base_texts=self.new_texts,
            new_texts=self.base_texts,
        )


@dataclass(frozen=True)
class Interval:
    """A number between its bounds (95% unless said otherwise)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Escort:
    """β, and how much of the divergence from base to new it explains.

    ``divergence`` is KL(q ‖ p) per token in nats, ``residual`` what is left of it at β, ``residuals`` the same for each
    context, shape ``(contexts,)``. ``explained`` is None where the divergence is too small to be split. ``p_value`` is
    that of the goodness of fit, where q is known from counts alone. ``covered`` is the share of new texts' next tokens
    that the lists hold.
    """

    beta: Interval
    divergence: float
    residual: float
    explained: Interval | None
    residuals: Floats
    covered: float
    prompts: int
    p_value: float | None = None


def fit(contexts: Contexts, scales: tuple[float, float], resamples: int, seed: int) -> Escort | None:
    """The escort of the base nearest the new side, both distributions known to their cut.

    ``scales`` are the powers to which base and new probabilities stand in the texts: 1, or 1/T where they were written
    before temperature T was applied. Intervals by the bootstrap over prompts with a t quantile. None below three
    prompts, or where every listed distribution is flat.
    """
    base, new = completed(contexts.base, contexts.context), completed(contexts.new, contexts.context)
    log_p = scales[0] * np.log(np.maximum(base, _LEAST))
    q = np.maximum(new, 0.0) ** scales[1]
    q /= np.bincount(contexts.context, weights=q, minlength=len(contexts))[contexts.context]
    projection = _Projection.of(log_p, contexts)
    weights = q * contexts.new_texts[contexts.context]
    found = _fitted(projection, weights, resamples, seed)
    if found is None:
        return None
    listed = np.bincount(contexts.context, weights=np.nan_to_num(contexts.new), minlength=len(contexts))
    return replace(found, covered=float(np.average(listed, weights=contexts.new_texts)))


def sampling(contexts: Contexts, resamples: int, seed: int) -> Interval | None:
    """The power δ of the listed base probabilities from which the base's own tokens were drawn, with a 99% interval.

    1 where they are those of the texts, 1/T where they were written before temperature. Tokens beyond the list are left
    out, and the likelihood is conditional on being listed. None where that can't be told.
    """
    own = contexts.take(~np.isnan(contexts.base))
    projection = _Projection.of(np.log(np.maximum(own.base, _LEAST)), own)
    curves = projection.curves(own.base_count.astype(float))
    return curves.beta(resamples, seed, 0.99) if curves else None


def fit_counts(contexts: Contexts, resamples: int, seed: int) -> Escort | None:
    """The escort of the known base from which the new tokens were drawn: maximum likelihood, with a test of its fit.

    H0: every new token was drawn from p^β/Z of its context, one β for all. The statistic is the deviance of the listed
    tokens, and one-sided that of the tokens beyond the list, which under an escort with β ≥ 1 are at most as many as if
    the rest of the mass lay on tokens of the smallest listed probability. Null distribution by simulation at β̂, with β
    fitted anew (parametric bootstrap). The residual is the deviance beyond that of the simulations.
    """
    known = contexts.take(~np.isnan(contexts.base))
    projection = _Projection.of(np.log(np.maximum(known.base, _LEAST)), known)
    counts = known.new_count.astype(float)
    found = _fitted(projection, counts, resamples, seed)
    if found is None:
        return None
    return _tested(found, projection, known, resamples, seed)


def completed(probability: Floats, context: Ints) -> Floats:
    """``probability`` with the most that an unlisted token (NaN) can have in its context, shape ``(items,)``."""
    missing = np.isnan(probability)
    contexts = int(context.max(initial=-1)) + 1
    smallest = np.full(contexts, np.inf)
    np.minimum.at(smallest, context[~missing], probability[~missing])
    rest = 1 - np.bincount(context, weights=np.where(missing, 0.0, probability), minlength=contexts)
    each = np.maximum(rest, 0.0) / np.maximum(1, np.bincount(context, weights=missing, minlength=contexts))
    return np.where(missing, np.minimum(smallest, each)[context], probability)


@dataclass(frozen=True)
class _Projection:
    """The family p^β/Z of each context: ``log_z`` and ``mean`` (of log p under p^β/Z) have shape (contexts, betas)."""

    log_p: Floats
    context: Ints
    prompt: Ints
    log_z: Floats
    mean: Floats

    @classmethod
    def of(cls, log_p: Floats, contexts: Contexts) -> _Projection:
        first = np.searchsorted(contexts.context, np.arange(len(contexts)))
        log_z, mean = np.zeros((2, len(contexts), len(BETAS)))
        if len(contexts):
            peak = np.maximum.reduceat(log_p, first)
            for index, beta in enumerate(BETAS):
                powered = np.exp(beta * (log_p - peak[contexts.context]))
                total = np.add.reduceat(powered, first)
                log_z[:, index] = np.log(total) + beta * peak
                mean[:, index] = np.add.reduceat(powered * log_p, first) / total
        prompt = np.unique(contexts.prompt, return_inverse=True)[1]
        return cls(log_p, contexts.context, prompt, log_z, mean)

    def curves(self, weights: Floats) -> _Curves | None:
        """Σ w log(q/p_β) of each prompt over β; None below three prompts, or where every distribution is flat."""
        by_context = np.bincount(self.context, weights=weights, minlength=len(self.prompt))
        prompts = len(np.unique(self.prompt[by_context > 0]))
        share = weights / np.where(by_context > 0, by_context, 1)[self.context]
        entropy = self.by_prompt(self._sum(weights * np.log(np.where(share > 0, share, 1.0))))
        linear = self.by_prompt(self._sum(weights * self.log_p))
        value = self.by_prompt(by_context[:, None] * self.log_z) - linear[:, None] * BETAS + entropy[:, None]
        slope = self.by_prompt(by_context[:, None] * self.mean) - linear[:, None]
        curves = _Curves(value, slope, self.by_prompt(by_context))
        total = slope.sum(0)
        return curves if prompts >= FEWEST_PROMPTS and total[-1] - total[0] > 1e-9 * by_context.sum() else None

    def residuals(self, weights: Floats, beta: float) -> Floats:
        """Σ w log(q/p_β) of each context, shape ``(contexts,)``."""
        by_context = np.bincount(self.context, weights=weights, minlength=len(self.prompt))
        share = weights / np.where(by_context > 0, by_context, 1)[self.context]
        log_z = CubicHermiteSpline(np.log(BETAS), self.log_z, BETAS * self.mean, axis=1)(np.log(beta))
        log_q = np.log(np.where(share > 0, share, 1.0))
        left: Floats = self._sum(weights * (log_q - beta * self.log_p)) + by_context * log_z
        return np.maximum(left, 0.0)

    def powered(self, beta: float) -> Floats:
        """p^β/Z of each item."""
        log_z = CubicHermiteSpline(np.log(BETAS), self.log_z, BETAS * self.mean, axis=1)(np.log(beta))
        scaled: Floats = np.exp(beta * self.log_p - log_z[self.context])
        return scaled / self._sum(scaled)[self.context]

    def by_prompt(self, values: NDArray[np.floating | np.integer]) -> Floats:
        """Values of contexts, summed by prompt along the first axis."""
        total = np.zeros((int(self.prompt.max(initial=-1)) + 1, *values.shape[1:]))
        np.add.at(total, self.prompt, values)
        return total

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self.context, weights=values, minlength=len(self.prompt)).astype(np.float64)


@dataclass(frozen=True)
class _Curves:
    """Each prompt's divergence from the family over ``BETAS`` and its slope in β, shape (prompts, betas)."""

    value: Floats
    slope: Floats
    weight: Floats

    def best(self, prompts: Floats) -> Floats:
        """β̂ with the prompts so often, shape ``(resamples, prompts)`` → ``(resamples,)``."""
        slopes = prompts @ self.slope
        return np.exp([np.interp(0.0, slope, np.log(BETAS)) for slope in slopes])

    def at(self, beta: Floats) -> Floats:
        """Each prompt's divergence at several β, shape ``(prompts, betas)``."""
        found: Floats = CubicHermiteSpline(np.log(BETAS), self.value, BETAS * self.slope, axis=1)(np.log(beta))
        return np.maximum(found, 0.0)

    def resampled(self, resamples: int, seed: int) -> Floats:
        """How often each prompt is drawn, shape ``(resamples, prompts)``."""
        n = len(self.weight)
        return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples).astype(float)

    def reach(self, values: Floats, confidence: float = 0.95) -> float:
        """Half the width of an interval, from bootstrap values of the estimate."""
        n = len(self.weight)
        return float(stats.t.ppf(0.5 + confidence / 2, n - 1) * values.std() * np.sqrt(n / (n - 1)))

    def beta(self, resamples: int, seed: int, confidence: float = 0.95) -> Interval:
        """β̂ with its interval, on the log scale."""
        value = float(self.best(np.ones((1, len(self.weight))))[0])
        reach = self.reach(np.log(self.best(self.resampled(resamples, seed))), confidence)
        return Interval(value, value * np.exp(-reach), value * np.exp(reach))


def _fitted(projection: _Projection, weights: Floats, resamples: int, seed: int) -> Escort | None:
    curves = projection.curves(weights)
    if curves is None:
        return None
    beta = curves.beta(resamples, seed)
    drawn = curves.resampled(resamples, seed)
    best = curves.best(drawn)
    left = np.einsum("rp,pr->r", drawn, curves.at(best))
    whole = drawn @ curves.at(np.ones(1))[:, 0]
    residuals = projection.residuals(weights, beta.value)
    texts = float(curves.weight.sum())
    divergence = float(curves.at(np.ones(1)).sum()) / texts
    residual = min(divergence, float(residuals.sum()) / texts)
    return Escort(
        beta=beta,
        divergence=divergence,
        residual=residual,
        explained=_explained(divergence, residual, curves.reach(1 - left / np.maximum(whole, _LEAST))),
        residuals=residuals / np.maximum(np.bincount(projection.context, weights=weights), _LEAST),
        covered=1.0,
        prompts=len(curves.weight),
    )


def _explained(divergence: float, residual: float, reach: float) -> Interval | None:
    if divergence < SMALLEST_DIVERGENCE:
        return None
    value = 1 - residual / divergence
    return Interval(value, max(0.0, value - reach), min(1.0, value + reach))


def _tested(found: Escort, projection: _Projection, known: Contexts, resamples: int, seed: int) -> Escort:
    """The fit to counts with its test, and with the residual freed of what chance alone leaves."""
    rng = np.random.default_rng(seed)
    observed = _deviance(projection, known, known.new_count, found.beta.value)
    p = projection.powered(found.beta.value)
    beyond = _beyond_list(projection, known, found.beta.value)
    simulated = np.array([_simulated(projection, known, p, beyond, rng) for _ in range(resamples)])
    p_value = (1 + int((simulated.sum(1) >= observed.sum()).sum())) / (1 + resamples)
    excess = 0.5 * (observed - simulated.mean(0))
    texts = float(known.new_texts.sum())
    gain = _gains(projection, known.new_count.astype(float), found.beta.value)
    drawn = np.random.default_rng(seed).multinomial(len(gain), np.full(len(gain), 1 / len(gain)), size=resamples)
    unexplained = np.maximum(0.0, drawn @ excess)
    shares = (drawn @ gain) / np.maximum(drawn @ gain + unexplained, _LEAST)
    residual, divergence = max(0.0, float(excess.sum())), float(gain.sum()) + max(0.0, float(excess.sum()))
    n = len(gain)
    reach = float(stats.t.ppf(0.975, n - 1) * shares.std() * np.sqrt(n / (n - 1)))
    return replace(
        found,
        divergence=divergence / texts,
        residual=residual / texts,
        explained=_explained(divergence / texts, residual / texts, reach),
        covered=float(known.new_count.sum() / max(1.0, texts)),
        p_value=p_value,
    )


def _gains(projection: _Projection, counts: Floats, beta: float) -> Floats:
    """Log-likelihood that β̂ gains over β = 1, of each prompt."""
    gain = projection.residuals(counts, 1.0) - projection.residuals(counts, beta)
    return np.maximum(0.0, projection.by_prompt(gain))


def _deviance(projection: _Projection, known: Contexts, counts: Ints, beta: float) -> Floats:
    """Deviance of each prompt at β: of the listed tokens, and one-sided of the texts beyond the list."""
    listed = 2 * projection.by_prompt(projection.residuals(counts.astype(float), beta))
    if beta < 1:
        return listed  # flattening may spread any mass over tokens beyond the list
    inside = np.bincount(known.context, weights=counts, minlength=len(known))
    seen = projection.by_prompt(known.new_texts - inside)
    most = projection.by_prompt(known.new_texts * _beyond_list(projection, known, beta))
    more = np.maximum(seen, most)
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.where(more > most, 2 * (more * np.log(more / np.maximum(most, _LEAST)) - (more - most)), 0.0)
    return listed + beyond


def _beyond_list(projection: _Projection, known: Contexts, beta: float) -> Floats:
    """The most probability that tokens beyond the list can have under an escort with β ≥ 1, shape ``(contexts,)``.

    Σ p^β ≤ (Σ p) · max p^(β−1), and none of them is above the smallest that is listed.
    """
    rest = np.maximum(0.0, 1 - np.bincount(known.context, weights=known.base, minlength=len(known)))
    smallest = np.full(len(known), np.inf)
    np.minimum.at(smallest, known.context, known.base)
    listed = np.bincount(known.context, weights=known.base**beta, minlength=len(known))
    tail = rest * np.maximum(smallest, _LEAST) ** (beta - 1)
    share: Floats = tail / (listed + tail)
    return share


def _simulated(projection: _Projection, known: Contexts, p: Floats, beyond: Floats, rng: np.random.Generator) -> Floats:
    """Deviance of each prompt with counts drawn from the fitted escort and β fitted anew."""
    first = np.searchsorted(known.context, np.arange(len(known)))
    inside = rng.binomial(known.new_texts, 1 - beyond)
    counts = np.zeros(len(p), dtype=np.int64)
    for begin, end, texts in zip(first, [*first[1:], len(p)], inside, strict=True):
        counts[begin:end] = rng.multinomial(texts, p[begin:end])
    curves = projection.curves(counts.astype(float))
    beta = 1.0 if curves is None else float(curves.best(np.ones((1, len(curves.weight))))[0])
    return _deviance(projection, known, counts, beta)
