/** More are asked of the archive in the next go. */
const mostAtOnce = 100

interface Waiting<Given, Answer> {
  readonly given: Given
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Puts questions that come while another one is under way together: hundreds of deliveries at once ask the archive a few
 * times, and one alone asks at once.
 * @param ask answers of several, in their order
 */
export function gather<Given, Answer>(
  ask: (all: readonly Given[]) => Promise<readonly Answer[]>,
): (given: Given) => Promise<Answer> {
  let waiting: Waiting<Given, Answer>[] = []
  let isAsking = false

  const askAll = async (): Promise<void> => {
    isAsking = true
    while (waiting.length > 0) {
      const now = waiting.slice(0, mostAtOnce)
      waiting = waiting.slice(mostAtOnce)
      try {
        const answers = await ask(now.map(({ given }) => given))
        for (const [index, answer] of answers.entries()) now[index]?.resolve(answer)
      } catch (error) {
        for (const { reject } of now) reject(error)
      }
    }
    isAsking = false
  }

  return (given) =>
    new Promise((resolve, reject) => {
      waiting.push({ given, resolve, reject })
      if (!isAsking) void askAll()
    })
}
